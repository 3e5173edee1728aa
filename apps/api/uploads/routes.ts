import { Router } from 'express'
import { HttpError } from '../errors.ts'
import { storedType } from './image-type.ts'
import { receiveImage } from './receive.ts'
import type { UploadStore } from './store.ts'

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
      response.status(201).json(await receiveImage(request, store, name))
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
        'Content-Security-Policy': "default-src 'none'",
      })
      response.sendFile(path, { cacheControl: false, dotfiles: 'allow' })
    })
}
