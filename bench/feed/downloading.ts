import { parentPort, workerData } from 'node:worker_threads'
import { ask, type Question } from './client.ts'

/** A thread of its own, so that what it takes in delays nobody's clock: clients that download again and again. */
const { question, clients } = workerData as { question: Question; clients: number }

async function download(): Promise<never> {
  for (;;) {
    const { bytes } = await ask(question)
    parentPort?.postMessage(bytes)
  }
}

await Promise.all(Array.from({ length: clients }, download))
