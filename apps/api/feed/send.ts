import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { Lane } from './lane.ts'

/** A client's share of memory, however slow it is: it is read into again once the client's socket has taken it. */
const CHUNK_BYTES = 128 * 1024

/** A client that takes nothing for this long is given up. */
const STALLED_MS = 60_000

/**
 * Reads of the feed that run at once in this process. Without a limit fifty clients would fill libuv's four threads,
 * for which passwords and the small answers of others wait, and have fifty pieces to send in one turn of the loop.
 */
const reads = new Lane(2)

/** Nobody is there any more to be answered. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError'
  override message = 'the client has gone away'
}

/** The body of a response that is sent piece by piece, each when the one before has left. */
export class Sender {
  readonly #response: ServerResponse
  #gone = () => {}

  constructor(response: ServerResponse) {
    this.#response = response
    // What could not be written rejects there; here it would end the process.
    response.on('error', () => {})
    response.on('close', () => this.#gone())
    response.setTimeout(STALLED_MS, () => response.destroy())
  }

  /** Resolves once the socket has taken it. Errors: ClientGoneError. */
  write(data: Buffer): Promise<void> {
    if (data.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const gone = () => reject(new ClientGoneError())
      if (this.#response.destroyed) return gone()
      this.#gone = gone
      this.#response.write(data, (error) => (error ? gone() : resolve()))
    })
  }

  /** Sends the bytes of a file from `from` up to `to`. Errors: ClientGoneError; the file cannot be read. */
  async file(handle: FileHandle, from: number, to: number): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, to - from))
    for (let at = from; at < to; ) {
      if (this.#response.destroyed) throw new ClientGoneError()
      const length = Math.min(buffer.length, to - at)
      const { bytesRead } = await reads.run(() => handle.read(buffer, 0, length, at))
      if (bytesRead === 0) throw new Error('a file of the feed has ended too early')
      await this.write(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
  }
}
