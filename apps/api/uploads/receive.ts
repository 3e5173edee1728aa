import type { Request } from 'express'
import { unlessSilent } from './silence.ts'
import { MOST_BYTES, notAnImage, type Stored, tooLarge, type UploadStore } from './store.ts'

const accepted = ['image/png', 'image/jpeg', 'image/webp']
/** Between two pieces of an upload; however long the whole takes is the client's business. */
const SILENCE_MS = 20_000

/**
 * Stores the image that is the body of a request; `url` is its path. Errors: 415 for anything else, 413 for too much,
 * 408 when it stops coming.
 */
export async function receiveImage(
  request: Request,
  store: UploadStore,
  name: string,
): Promise<Stored & { url: string }> {
  if (!accepted.includes(request.get('content-type') ?? '')) throw notAnImage()
  if (Number(request.get('content-length') ?? 0) > MOST_BYTES) throw tooLarge()
  // Not destroyed when reading ends early: the response still has to go out on its socket.
  const body = request.iterator({ destroyOnReturn: false })
  const stored = await store.save(name, unlessSilent(body, SILENCE_MS))
  return { ...stored, url: `/api/uploads/${stored.id}` }
}
