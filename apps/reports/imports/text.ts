import { HttpError } from '../../api/errors.ts'

export const MOST_BYTES = 10 * 1024 * 1024

export const tooLarge = (): HttpError => new HttpError(413, 'a file may have at most 10 MB')

/** The text of a file that is uploaded, piece by piece. Errors: 413 for too much of it, 400 for what is not UTF-8. */
export async function* textOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw tooLarge()
    yield decode(() => decoder.decode(piece, { stream: true }))
  }
  yield decode(() => decoder.decode())
}

function decode(next: () => string): string {
  try {
    return next()
  } catch {
    throw new HttpError(400, 'the file should be UTF-8: save it as "CSV UTF-8"')
  }
}
