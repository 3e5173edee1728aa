import { HttpError } from '../../api/errors.ts'

export const MOST_BYTES = 10 * 1024 * 1024

export const tooLarge = (): HttpError => new HttpError(413, 'a file may have at most 10 MB')

/** A file as it was uploaded, in pieces. */
export type File = readonly Uint8Array[]

/**
 * Takes an upload in before anything is done with it: a transaction that waited for a slow client would hold one of few
 * connections. Errors: 413 for too much.
 */
export async function receive(body: AsyncIterable<Uint8Array>): Promise<File> {
  const file: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw tooLarge()
    file.push(piece)
  }
  return file
}

/** The text of a file, piece by piece. Errors: 400 for what is not UTF-8. */
export function* textOf(file: File): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (const piece of file) yield decode(() => decoder.decode(piece, { stream: true }))
  yield decode(() => decoder.decode())
}

function decode(next: () => string): string {
  try {
    return next()
  } catch {
    throw new HttpError(400, 'the file should be UTF-8: save it as "CSV UTF-8"')
  }
}
