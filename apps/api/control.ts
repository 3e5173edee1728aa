import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Drained } from './events/drain.ts'

/**
 * How the processes of one container know each other: every API process has `<pid>.sock`, a Unix socket that takes
 * one command a connection, and once it is ready `<pid>.ready`. A dead process cannot clean up after itself, but its
 * socket refuses connections: whoever notices removes what it left.
 */
export type Control = { markReady(): void; markUnready(): void; close(): void }

/** Opens this process's control socket. */
export function openControl(
  directory: string,
  drain: (windowMs: number) => Promise<Drained>,
): Promise<Control> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const [socket, marker] = [`${process.pid}.sock`, `${process.pid}.ready`].map((name) =>
    join(directory, name),
  ) as [string, string]
  const remove = () => {
    rmSync(marker, { force: true })
    rmSync(socket, { force: true })
  }
  remove() // of an earlier process with the same pid
  const server = answering(drain)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // exclusive: a cluster worker would otherwise share the one handle of its primary
    server.listen({ path: socket, exclusive: true }, () => {
      server.unref()
      resolve({
        markReady: () => writeFileSync(marker, ''),
        markUnready: () => rmSync(marker, { force: true }),
        close: () => {
          remove()
          server.close()
        },
      })
    })
  })
}

function answering(drain: (windowMs: number) => Promise<Drained>): Server {
  return createServer({ allowHalfOpen: true }, (connection) => {
    let text = ''
    connection.setEncoding('utf8')
    connection.on('error', () => connection.destroy())
    connection.on('data', (chunk) => {
      text += chunk
    })
    connection.on('end', async () => {
      const [command, argument] = text.trim().split(' ')
      const answer =
        command === 'drain' ? await drain(Number(argument) || 0) : { error: `no command ${command}` }
      connection.end(JSON.stringify(answer))
    })
  })
}

/** How many live processes of this container are ready. */
export async function countReady(directory: string): Promise<number> {
  const markers = list(directory).filter((name) => name.endsWith('.ready'))
  const alive = await Promise.all(markers.map((name) => isAlive(directory, name.slice(0, -'.ready'.length))))
  return alive.filter(Boolean).length
}

/** The control sockets of the live processes of this container. */
export async function liveSockets(directory: string): Promise<string[]> {
  const pids = list(directory)
    .filter((name) => name.endsWith('.sock'))
    .map((name) => name.slice(0, -'.sock'.length))
  const alive = await Promise.all(pids.map((pid) => isAlive(directory, pid)))
  return pids.filter((_, index) => alive[index]).map((pid) => join(directory, `${pid}.sock`))
}

/** Sends one command to a control socket and returns the parsed answer. */
export function ask(socket: string, command: string, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = ''
    const connection = connect(socket, () => connection.end(command))
    connection.setEncoding('utf8')
    connection.setTimeout(timeoutMs, () => connection.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    connection.on('data', (chunk) => {
      text += chunk
    })
    connection.on('error', reject)
    connection.on('close', () => {
      try {
        resolve(JSON.parse(text))
      } catch {
        reject(new Error('the connection was closed without an answer'))
      }
    })
  })
}

function isAlive(directory: string, pid: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(join(directory, `${pid}.sock`))
    connection.on('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.on('error', () => {
      rmSync(join(directory, `${pid}.ready`), { force: true })
      rmSync(join(directory, `${pid}.sock`), { force: true })
      resolve(false)
    })
  })
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
