import { text } from 'node:stream/consumers'

type Change = (bytes: AsyncIterable<Buffer>) => AsyncIterable<Buffer>

/** Changes an export of orders as a whole; the answers to other questions, such as the count, pass as they are. */
export const orders = (change: (csv: string) => string): Change =>
  async function* (bytes) {
    const csv = await text(bytes)
    yield Buffer.from(csv.startsWith('"id","number"') ? change(csv) : csv)
  }

/** Where the row behind an order begins: rows begin with their id in quotes. */
export const endOfRow = (csv: string, id: number): number => csv.indexOf(`\n"${id + 1}","2026-`) + 1

export const replacing = (part: string, by: string): Change =>
  async function* (bytes) {
    yield Buffer.from((await text(bytes)).replaceAll(part, by))
  }

/** Breaks off after so many bytes. */
export const cutAfter = (limit: number): Change =>
  async function* (bytes) {
    let passed = 0
    for await (const chunk of bytes) {
      yield chunk.subarray(0, limit - passed)
      passed += chunk.length
      if (passed > limit) throw new Error('cut')
    }
  }
