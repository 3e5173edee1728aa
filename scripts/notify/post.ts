/** Sends one body over HTTP(S) to any host; resolves with the status. Errors: no answer in time, refused, … */
export type Post = (
  url: string,
  body: string,
  headers: Record<string, string>,
  timeoutMs: number,
) => Promise<number>

/** No redirect is followed: what is sent is meant for the address that a person wrote down, and no other. */
export const post: Post = async (url, body, headers, timeoutMs) => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'ecomweb', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await answer.body?.cancel()
    return answer.status
  } catch (error) {
    throw new Error(inWords(error, timeoutMs), { cause: error })
  }
}

/** fetch says only "fetch failed" and keeps the reason below; the address is a secret and is left out. */
function inWords(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  return cause?.code ?? cause?.message ?? 'it cannot be reached'
}
