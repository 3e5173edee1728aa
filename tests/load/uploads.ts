import { createHash, randomBytes } from 'node:crypto'
import type { ClientRequest } from 'node:http'
import { exemption } from './access.ts'
import { Client, clientName } from './client.ts'
import { expectStatus, json } from './http.ts'
import { pause, repeat } from './pace.ts'
import { AttemptFailed } from './recorder.ts'
import type { Target } from './target.ts'

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const PIECES = 20
const PIECE_BYTES = 4096

export type Uploaders = { clients: number; takesMs: number }

/** Shop owners on slow lines: each picture arrives in small pieces over seconds and must arrive whole. */
export async function uploads(target: Target, size: Uploaders): Promise<void> {
  const { url, recorder, stop, run } = target
  let count = 0
  const one = (client: Client) => () =>
    recorder.attempt('upload', async ({ answered }) => {
      count += 1
      const picture = Buffer.concat([PNG_SIGNATURE, randomBytes(PIECES * PIECE_BYTES - PNG_SIGNATURE.length)])
      const answer = await client.send(new URL(`/api/uploads/${run}-${count}.png`, url), {
        method: 'PUT',
        headers: { 'content-type': 'image/png' },
        body: (request) => void trickle(request, picture, size.takesMs),
      })
      answered(answer.servedBy)
      expectStatus(answer, 201)
      const stored = json<{ bytes?: number; sha256?: string }>(answer)
      const sent = createHash('sha256').update(picture).digest('hex')
      if (stored.bytes !== picture.length || stored.sha256 !== sent) {
        throw new AttemptFailed('answer', `stored ${stored.bytes} of ${picture.length} bytes, or others`)
      }
    })
  await Promise.all(
    Array.from({ length: size.clients }, (_, number) => {
      const firstMs = (size.takesMs * number) / size.clients
      const client = new Client(clientName(run, 'upload', number), false, exemption(target.access))
      return repeat({ everyMs: 0, firstMs, stop }, one(client))
    }),
  )
}

/** Without a length, so the body goes out chunked; a stop of the load lets a running upload finish. */
async function trickle(request: ClientRequest, body: Buffer, takesMs: number): Promise<void> {
  const never = new AbortController().signal
  for (let piece = 0; piece < PIECES && !request.destroyed; piece += 1) {
    request.write(body.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES))
    await pause(takesMs / PIECES, never)
  }
  request.end()
}
