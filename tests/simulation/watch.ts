import { JOURNAL } from '../../scripts/deploy/journal.ts'
import { ROUTES_FILE } from '../../scripts/haproxy/routes.ts'
import type { Colour } from '../../scripts/stack/colours.ts'
import type { SimulatedContainer } from './containers.ts'
import type { Host } from './host.ts'

/** Between the last look at a colour and the commit that sends users there, this much may pass (ms). */
const CHECKED_WITHIN_MS = 5000

/** What must hold at every moment, looked at after every effect; and the story of what happened. */
export class Watch {
  readonly violations: string[] = []
  readonly trace: string[] = []
  effects = 0
  readonly #host: Host
  readonly #tracing: boolean
  #routed: Colour[] = []
  #journal = { text: '', open: false }

  constructor(host: Host, tracing: boolean) {
    this.#host = host
    this.#tracing = tracing
  }

  tell(what: string, detail = ''): void {
    if (!this.#tracing) return
    const seconds = (this.#host.scheduler.now / 1000).toFixed(3).padStart(9)
    this.trace.push(`${seconds}  ${what}${detail ? `  ${detail}` : ''}`)
  }

  effect(what: string, detail?: string): void {
    this.effects += 1
    this.tell(what, detail)
    this.#look()
  }

  violated(what: string): void {
    this.tell('VIOLATED:', what)
    this.violations.push(`at ${(this.#host.scheduler.now / 1000).toFixed(3)} s: ${what}`)
  }

  /** The kit is about to stop a container. */
  stopping(container: SimulatedContainer): void {
    for (const colour of this.#host.edge.routed()) {
      if (container.ready && container === this.#host.containers.api(colour)) {
        this.violated(`${container.name} is stopped while users are on it`)
      }
    }
  }

  /** Users follow a map that was committed: a restart of HAProxy at any later moment must find the same in the file. */
  committed(map: ReadonlyMap<string, string>): void {
    this.effect('users', [...map].map((pair) => pair.join('=')).join(' '))
    if (this.#host.disk.durable(ROUTES_FILE) !== fileOf(map)) {
      this.violated('users follow a map that is not on disk')
    }
  }

  /** A command began and did not end, as the journal says. */
  open(): boolean {
    const text = this.#host.disk.read(JOURNAL) ?? ''
    if (text !== this.#journal.text) {
      const { text: before, open } = this.#journal
      const added = text.startsWith(before) && before.endsWith('\n') ? text.slice(before.length) : text
      this.#journal = { text, open: opens(added) ?? (added === text ? false : open) }
    }
    return this.#journal.open
  }

  #look(): void {
    const { edge, containers, database, disk, scheduler } = this.#host
    const routed = edge.routed()
    for (const colour of routed) {
      const container = containers.api(colour)
      if (!container || !(container.ready || container.excused)) {
        this.violated(`users are sent to ${colour}, which was never ready`)
      } else if (database.lacks(container.image).length > 0) {
        this.violated(`${colour} serves without its migrations`)
      } else if (container.image.replay === 'fails') {
        this.violated(`${colour} serves although it cannot go on with running workflows`)
      } else if (!this.#routed.includes(colour) && container.readyUntil < scheduler.now - CHECKED_WITHIN_MS) {
        if (this.#routed.length > 0)
          this.violated(`users are sent to ${colour}, which has not been ready for long`)
      }
    }
    this.#routed = routed
    const crons = containers
      .of('ecomweb_cron')
      .filter(({ status }) => status !== 'created' && status !== 'exited')
    if (crons.length > 1) this.violated('two cron containers at once')
    if (edge.running && !this.open()) {
      if (fileOf(edge.map) !== disk.read(ROUTES_FILE))
        this.violated('file and running map differ, and no command is at work')
    }
  }
}

const fileOf = (map: ReadonlyMap<string, string>): string =>
  [...map].map((pair) => `${pair.join(' ')}\n`).join('')

/** Whether the last whole line that begins or ends a command begins one; undefined when no line does either. */
function opens(text: string): boolean | undefined {
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf('\n', end - 1) + 1
    const [, event] = /"event":"(begin|end)"/.exec(text.slice(start, end)) ?? []
    if (event && isWhole(text.slice(start, end))) return event === 'begin'
    end = start - 1
  }
  return undefined
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
