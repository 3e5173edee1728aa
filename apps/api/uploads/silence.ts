import { HttpError } from '../errors.ts'

/** Passes a body on; fails when nothing comes for too long. */
export async function* unlessSilent(body: AsyncIterator<Buffer>, longestMs: number): AsyncGenerator<Buffer> {
  for (;;) {
    const { promise: silence, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new HttpError(408, 'the upload stopped before its end')), longestMs)
    const next = await Promise.race([body.next(), silence]).finally(() => clearTimeout(timer))
    if (next.done) return
    yield next.value
  }
}
