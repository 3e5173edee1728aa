import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'

export type Ports = { app: number; bare: number }
/** Processor time of the whole process, and of single turns of its event loop. */
export type Figures = { cpuMs: number; turnsMs: number[] }

export type Asking = { port: number; path: string; headers: Record<string, string>; status: number }

/** The feed in a process of its own, which tells what it takes. */
export class Served {
  readonly #child: ChildProcess
  readonly ports: Ports

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child
    this.ports = ports
  }

  /** Serves the feed of a folder to holders of the key with this hash. */
  static async start(dir: string, hash: string): Promise<Served> {
    const file = join(import.meta.dirname, 'serving.ts')
    // What it logs it writes too, but to nobody.
    const child = fork(file, [dir, hash], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [ports] = (await once(child, 'message')) as [Ports]
    return new Served(child, ports)
  }

  /** What the process took while `work` was done. */
  async during(work: () => Promise<unknown>): Promise<Figures> {
    await this.#ask('begin')
    await work()
    return this.#ask<Figures>('figures')
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }

  async #ask<Answer>(what: 'begin' | 'figures'): Promise<Answer> {
    const answer = once(this.#child, 'message')
    this.#child.send(what)
    return (await answer)[0] as Answer
  }
}

/** Asks so often, by a few connections that are kept. Errors: another status. */
export async function askAgain(asking: Asking, times: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  let left = times
  const client = async () => {
    while (left-- > 0) (await open(asking, agent)).resume()
  }
  await Promise.all(Array.from({ length: 8 }, client))
  agent.destroy()
}

/** Downloads by so many clients at once, beside as many that take 800 kB a second each. */
export async function download(asking: Asking, clients: number): Promise<void> {
  const slow = await Promise.all(Array.from({ length: clients }, () => open(asking, false)))
  const pace = setInterval(() => {
    for (const response of slow) response.read(16 * 1024)
  }, 20)
  const whole = async () => {
    for await (const _ of await open(asking, false));
  }
  await Promise.all(Array.from({ length: clients }, whole))
  clearInterval(pace)
  for (const response of slow) response.on('error', () => {}).destroy()
}

function open({ port, path, headers, status }: Asking, agent: Agent | false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const receive = (response: IncomingMessage) => {
      if (response.statusCode === status) return resolve(response)
      reject(new Error(`${path} was answered by ${response.statusCode} instead of ${status}`))
    }
    request({ host: '127.0.0.1', port, path, headers, agent }, receive).on('error', reject).end()
  })
}
