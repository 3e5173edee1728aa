import { get } from 'node:http'

/** Asks the reports backend whether it is alive. Errors: it is not, or says nothing within the time given. */
export function askReports(url: string, timeoutMs = 1000): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = get(`${url}/health`, { agent: false, timeout: timeoutMs }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) resolve()
      else reject(new Error(`its /health answers ${answer.statusCode}`))
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    asked.on('error', reject)
  })
}
