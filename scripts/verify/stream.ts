/** An event stream that was opened and is read until the other side ends it. */
export type OpenStream = {
  /** How it ended and what was in it. Errors: it did not end within the time given. */
  ended(timeoutMs: number): Promise<{ softly: boolean; retry: boolean }>
  close(): void
}

/** Opens an event stream; undefined when there is none at this address. */
export async function openStream(url: string): Promise<OpenStream | undefined> {
  const closing = new AbortController()
  const opening = AbortSignal.any([closing.signal])
  const late = setTimeout(() => closing.abort(), 5000)
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: opening }).catch(
    () => undefined,
  )
  clearTimeout(late)
  const isStream = response?.ok && response.headers.get('content-type')?.startsWith('text/event-stream')
  if (!isStream || !response.body) {
    closing.abort()
    return undefined
  }
  const read = readToEnd(response.body)
  return {
    close: () => closing.abort(),
    async ended(timeoutMs) {
      const limit = setTimeout(() => closing.abort(), timeoutMs)
      const { text, softly } = await read
      clearTimeout(limit)
      return { softly, retry: /^retry: ?\d+/m.test(text) }
    },
  }
}

async function readToEnd(body: ReadableStream<Uint8Array>): Promise<{ text: string; softly: boolean }> {
  let text = ''
  try {
    for await (const part of body.pipeThrough(new TextDecoderStream())) text += part
    return { text, softly: true }
  } catch {
    return { text, softly: false }
  }
}
