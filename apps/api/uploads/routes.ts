import { Router } from 'express'
import { HttpError } from '../errors.ts'
import { storedType } from './image-type.ts'
import { unlessSilent } from './silence.ts'
import { MOST_BYTES, notAnImage, tooLarge, type UploadStore } from './store.ts'

const accepted = ['image/png', 'image/jpeg', 'image/webp']
/** Between two pieces of an upload; however long the whole takes is the client's business. */
const SILENCE_MS = 20_000

/** PUT /:name: store an image. GET /:id: read one. */
export function uploadRoutes(store: UploadStore): Router {
  return Router()
    .put('/:name', async (request, response) => {
      const { name } = request.params
      if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(name)) {
        throw new HttpError(
          400,
          'the name should be 1 to 100 of the characters A-Z a-z 0-9 . _ - and not begin with a dot',
        )
      }
      if (!accepted.includes(request.get('content-type') ?? '')) throw notAnImage()
      if (Number(request.get('content-length') ?? 0) > MOST_BYTES) throw tooLarge()
      // Not destroyed when reading ends early: the response still has to go out on its socket.
      const body = request.iterator({ destroyOnReturn: false })
      const stored = await store.save(name, unlessSilent(body, SILENCE_MS))
      response.status(201).json({ ...stored, url: `/api/uploads/${stored.id}` })
    })
    .get('/:id', async (request, response) => {
      const { id } = request.params
      const path = await store.find(id)
      if (!path) throw new HttpError(404, `there is no upload ${id}`)
      response.type(storedType(id)?.mime ?? 'application/octet-stream')
      // An id names content, so what it stands for never changes. Web clients on other hosts show it too.
      response.set({
        'Cache-Control': 'public, max-age=31536000, immutable',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      })
      response.sendFile(path, { cacheControl: false, dotfiles: 'allow' })
    })
}
