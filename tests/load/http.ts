import http from 'node:http'
import { AttemptFailed, type Phase } from './recorder.ts'

export type Answer = {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  /** The colour that answered, as the edge names it. */
  servedBy: string | undefined
}

export type SendOptions = {
  agent?: http.Agent | false
  method?: string
  headers?: Record<string, string>
  /** Text to send, or a function that writes the body at its own pace and ends the request. */
  body?: string | ((request: http.ClientRequest) => void)
  timeoutMs?: number
}

/** Sends one request, once: a lost connection is a failure, never a reason to try again. */
export function send(url: URL, options: SendOptions = {}): Promise<Answer> {
  const { agent = false, method = 'GET', headers = {}, body, timeoutMs = 30_000 } = options
  return new Promise((resolve, reject) => {
    let phase: Phase = 'connect'
    let colour: string | undefined
    const request = http.request(url, { agent, method, headers })
    const timer = setTimeout(
      () => request.destroy(new Error(`no complete answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    const fail = (reason: string): void => {
      clearTimeout(timer)
      reject(new AttemptFailed(phase, reason, colour))
    }
    request.on('socket', (socket) => {
      if (!socket.connecting) phase = 'response'
      else socket.once('connect', () => (phase = 'response'))
    })
    request.on('error', (error) => fail(describe(error, request.reusedSocket)))
    request.on('response', (response) => {
      phase = 'body'
      colour = servedBy(response)
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', (error) => fail(describe(error, request.reusedSocket)))
      response.on('close', () => {
        if (!response.complete) return fail('connection closed in the middle of the answer')
        clearTimeout(timer)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          servedBy: colour,
        })
      })
    })
    if (typeof body === 'function') body(request)
    else request.end(body)
  })
}

/** Fails the attempt unless the answer has the one status that this request must get. */
export function expectStatus(answer: Answer, status: number): void {
  if (answer.status === status) return
  const text = answer.body.toString('utf8', 0, 200).replace(/\s+/g, ' ').trim()
  throw new AttemptFailed('answer', `status ${answer.status} instead of ${status}${text && `: ${text}`}`)
}

/** The answer's JSON; an attempt fails on anything else. */
export function json<T>(answer: Answer): T {
  try {
    return JSON.parse(answer.body.toString('utf8')) as T
  } catch {
    throw new AttemptFailed('answer', `not JSON: ${answer.body.toString('utf8', 0, 100)}`)
  }
}

export const servedBy = (response: http.IncomingMessage): string | undefined => {
  const value = response.headers['x-served-by']
  return Array.isArray(value) ? value[0] : value
}

/** A reused connection is named, since a loss there has other causes than one on a fresh connection. */
export const describe = (error: NodeJS.ErrnoException, reused: boolean): string =>
  `${error.code ?? error.message}${reused ? ' (reused connection)' : ''}`
