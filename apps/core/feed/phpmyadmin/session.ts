import { CookieJar } from 'tough-cookie'
import { FeedError } from '../feed-error.ts'

const MOST_REDIRECTS = 10

export type Fields = Record<string, string>

export type Asked = { signal: AbortSignal; form?: Fields }

/** An answer and the address that it came from in the end. */
export type Answer = { url: URL; response: Response }

/** A browser's part: cookies are kept and redirects followed, on one host only. */
export class Session {
  readonly #base: URL
  readonly #cookies = new CookieJar()

  /** @param base the address of phpMyAdmin, with or without its final slash */
  constructor(base: string) {
    this.#base = new URL(base)
    if (!/(\/|\.php)$/.test(this.#base.pathname)) this.#base.pathname += '/'
  }

  /**
   * Asks for an address, relative to that of phpMyAdmin; a form is posted. Errors: FeedError when it cannot be
   * reached, answers with an error, or redirects to another host or for ever; the signal's reason when aborted.
   */
  async ask(address: string | URL, { signal, form }: Asked): Promise<Answer> {
    let url = new URL(address, this.#base)
    let body = form
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const response = await this.#send(url, body, signal)
      const location = response.headers.get('location')
      if (location === null || response.status < 300 || response.status > 399) {
        await this.#accept(url, response)
        return { url, response }
      }
      await response.body?.cancel()
      url = new URL(location, url)
      if (url.hostname !== this.#base.hostname)
        throw new FeedError(`phpMyAdmin redirects to another host, ${url.hostname}`)
      if (response.status !== 307 && response.status !== 308) body = undefined
    }
    throw new FeedError(`phpMyAdmin redirects more than ${MOST_REDIRECTS} times`)
  }

  async #send(url: URL, form: Fields | undefined, signal: AbortSignal): Promise<Response> {
    const headers = { cookie: await this.#cookies.getCookieString(url.href), accept: '*/*' }
    const body = form && new URLSearchParams(form)
    let response: Response
    try {
      response = await fetch(url, {
        headers,
        signal,
        redirect: 'manual',
        ...(body ? { method: 'POST', body } : {}),
      })
    } catch (error) {
      signal.throwIfAborted()
      throw new FeedError(`phpMyAdmin cannot be reached at ${url.host}: ${reasonOf(error)}`, { cause: error })
    }
    for (const cookie of response.headers.getSetCookie())
      await this.#cookies.setCookie(cookie, url.href, { ignoreError: true })
    return response
  }

  async #accept(url: URL, response: Response): Promise<void> {
    if (response.ok) return
    await response.body?.cancel()
    const status = `${response.status} ${response.statusText}`.trim()
    throw new FeedError(
      `phpMyAdmin answers ${status} to ${url.pathname}${url.searchParams.get('route') ?? ''}`,
    )
  }
}

/** The bytes of an answer as they come. Errors: FeedError when the connection is cut; the signal's reason. */
export async function* bytesOf({ response }: Answer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let received = 0
  try {
    for await (const bytes of response.body ?? []) {
      received += bytes.byteLength
      yield bytes
    }
  } catch (error) {
    signal.throwIfAborted()
    const reason = `the connection to phpMyAdmin was cut after ${received} bytes: ${reasonOf(error)}`
    throw new FeedError(reason, { cause: error })
  }
}

/** fetch says only that it failed; the reason lies below. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } }
  return cause?.message || cause?.code || message
}
