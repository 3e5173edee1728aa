import { Worker } from 'node:worker_threads'
import type { Question } from './client.ts'

export type Downloads = {
  /** How many bodies were taken in so far, and their bytes. */
  taken(): { bodies: number; bytes: number }
  stop(): Promise<unknown>
}

/** Starts clients that download without end; resolves when the first body is there. Errors: a download failed. */
export async function startDownloads(question: Question, clients: number): Promise<Downloads> {
  const worker = new Worker(new URL('./downloading.ts', import.meta.url), {
    workerData: { question, clients },
  })
  const first = Promise.withResolvers<void>()
  const count = { bodies: 0, bytes: 0 }
  worker.on('message', (bytes: number) => {
    count.bodies++
    count.bytes += bytes
    first.resolve()
  })
  worker.on('error', first.reject)
  await first.promise
  return { taken: () => ({ ...count }), stop: () => worker.terminate() }
}
