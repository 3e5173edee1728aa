import { request as open } from 'node:http'
import type { Answer, HttpOptions } from '../ports.ts'

/** One request to loopback over a fresh connection. Errors: refused, or no whole answer within `timeoutMs`. */
export function request(port: number, path: string, options: HttpOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMs = 3000 } = options
  return new Promise((resolve, reject) => {
    const call = open(
      { host: '127.0.0.1', port, method, path, headers, agent: false, timeout: timeoutMs },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
        })
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        )
      },
    )
    call.once('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    call.once('error', reject)
    call.end(body)
  })
}
