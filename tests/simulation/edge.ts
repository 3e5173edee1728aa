import { CONFIGURATION } from '../../scripts/haproxy/reload.ts'
import { ROUTES_FILE } from '../../scripts/haproxy/routes.ts'
import { COLOURS, type Colour } from '../../scripts/stack/colours.ts'
import type { Host } from './host.ts'
import { showStat } from './stat.ts'
import { Traffic } from './traffic.ts'

const MAP = '/usr/local/etc/haproxy/state/routes.map'

type Server = { status: string; check: string; changes: number }

/** HAProxy: the map in its memory, its checks of both colours, and its admin socket. */
export class Edge {
  running = false
  readonly traffic: Traffic
  /** The map that decides about users now. */
  map = new Map<string, string>()
  readonly servers: Record<Colour, Server> = {
    blue: { status: 'DOWN', check: 'INI', changes: 0 },
    green: { status: 'DOWN', check: 'INI', changes: 0 },
  }
  /** The text of haproxy.cfg that it runs with. */
  configuration = ''
  #pid = 0
  #startedAt = 0
  #versions = new Map<number, Map<string, string>>()
  #version = 0
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
    this.traffic = new Traffic(host)
  }

  /** Where users go now: the active colour, and a canary that has a share of them. */
  routed(): Colour[] {
    if (!this.running) return []
    const active = this.map.get('active') as Colour
    const canary = this.map.get('canary') as Colour | undefined
    return canary && canary !== active && Number(this.map.get('weight')) > 0 ? [active, canary] : [active]
  }

  /** Starts as after a crash, with what the file says. */
  start(): void {
    this.#pid = 0
    this.reload()
    this.#host.effect('HAProxy started', [...this.map].join(' '))
  }

  /** A server that can be looked up is taken for up until its checks say otherwise. */
  #forget(): void {
    for (const colour of COLOURS) {
      const api = this.#host.containers.api(colour)
      Object.assign(this.servers[colour], { status: api ? 'UP' : 'DOWN', check: 'INI' })
      this.notice(colour, api?.ready === true)
    }
  }

  /** A new process reads the map and the configuration from their files, and knows nothing of the servers yet. */
  reload(): void {
    const text = this.#host.disk.read(ROUTES_FILE) ?? ''
    this.map = new Map(
      text.split('\n').flatMap((line) => (line ? [line.split(' ') as [string, string]] : [])),
    )
    this.configuration = this.#host.disk.read(CONFIGURATION) ?? ''
    this.#versions.clear()
    this.running = true
    this.#pid += 9
    this.traffic.reset()
    this.#startedAt = this.#host.scheduler.now
    this.#forget()
  }

  /** A colour's readiness changed; HAProxy sees so at its next checks (inter 1s, fastinter 250ms, downinter 500ms). */
  notice(colour: Colour, ready: boolean): void {
    const { scheduler, random } = this.#host
    const server = this.servers[colour]
    server.changes += 1
    const { changes } = server
    const then = (ms: number, status: string, check: string, next?: () => void) =>
      scheduler.after(ms, () => {
        if (server.changes !== changes) return
        Object.assign(server, { status, check })
        next?.()
      })
    if (ready) then(random.between(0, 500), 'DOWN 1/2', 'L7OK', () => then(250, 'UP', 'L7OK'))
    else then(random.between(0, 1000), 'UP 4/5', 'L4CON', () => then(1000, 'DOWN', 'L4CON'))
  }

  /** One line of the admin socket, with the whole answer. */
  ask(line: string): string {
    if (!this.running) throw new Error('HAProxy does not answer on its admin socket')
    return line
      .split(';')
      .map((command) => `${this.#answer(command.trim())}\n`)
      .join('')
  }

  #answer(command: string): string {
    if (command === `show map ${MAP}`) return showMap(this.map)
    if (command === 'show stat') return showStat(this.servers, this.traffic.counts())
    if (command === 'show table answers') return this.traffic.table()
    if (command === 'show info') {
      const uptime = Math.floor((this.#host.scheduler.now - this.#startedAt) / 1000)
      return `Name: HAProxy\nVersion: 3.2.26-1\nPid: ${this.#pid}\nUptime_sec: ${uptime}\n`
    }
    if (command === `prepare map ${MAP}`) {
      this.#version += 1
      this.#versions.set(this.#version, new Map())
      return `New version created: ${this.#version}\n`
    }
    const [, action, at = '', , key, value] =
      /^(add|commit) map @(\d+) (\S+)(?: (\S+) (\S+))?$/.exec(command) ?? []
    if (action === undefined) {
      this.#host.watch.violated(`the simulated HAProxy does not know \`${command}\``)
      throw new Error(`unknown: ${command}`)
    }
    const version = this.#versions.get(Number(at))
    if (!version) return 'Version number out of range.\n'
    if (action === 'add') version.set(key as string, value as string)
    else {
      this.traffic.flow()
      this.map = version
      this.#versions.delete(Number(at))
      this.#host.watch.committed(this.map)
    }
    return ''
  }
}

const showMap = (map: Map<string, string>): string =>
  [...map]
    .map(
      ([key, value], at) => `0x7ffb9d86e3${(0x80 - 16 * at).toString(16)} ${key} ${value}
`,
    )
    .join('')
