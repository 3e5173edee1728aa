import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { Lane } from './lane.ts'

/** A client has two of these, however slow it is: one is read into while its socket takes the other. */
const CHUNK_BYTES = 256 * 1024

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

  /**
   * Sends the bytes of a file from `from` up to `to`; while a piece leaves, the next one is read. Errors: ClientGoneError;
   * the file cannot be read.
   */
  async file(handle: FileHandle, from: number, to: number): Promise<void> {
    const read = async (at: number, buffer: Buffer): Promise<Buffer> => {
      const length = Math.min(buffer.length, to - at)
      // Whoever has nothing yet does not wait for all who have.
      const urgent = at === from
      const { bytesRead } = await reads.run(() => handle.read(buffer, 0, length, at), { urgent })
      if (bytesRead === 0) throw new Error('a file of the feed has ended too early')
      return buffer.subarray(0, bytesRead)
    }
    // As large as each other, since a read may bring less than it was asked for.
    let [buffer, other] = [bufferFor(to - from), bufferFor(to - from)]
    for (let [at, next] = [from, read(from, buffer)]; at < to; ) {
      const piece = await next
      at += piece.length
      ;[buffer, other] = [other, buffer]
      if (at < to) next = read(at, buffer)
      // Looked at once the piece before has left, which it may never do.
      next.catch(() => {})
      await this.write(piece)
    }
  }
}

const bufferFor = (bytes: number): Buffer => Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, bytes))
