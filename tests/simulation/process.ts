import { EXIT, KitError } from '../../scripts/errors.ts'
import type { Ports, Versions } from '../../scripts/ports.ts'
import { type Command, CommandFailed, type Runner, type RunOptions } from '../../scripts/run.ts'
import { Client, type Fate } from './client.ts'
import type { Host, Mortal } from './host.ts'
import { answer } from './http.ts'

/** What goes wrong for one process; moments are counted in its own effects. */
export type Faults = {
  /** Its end: by `kill -9`, or with the whole host; before the effect, after it, or a while later. */
  end?: { kind: 'kill' | 'power'; effect: number; when: 'before' | 'after' | 'during' }
  /** Ctrl-C. */
  interrupt?: number
  /** The disk is full from this effect on, for so long. */
  full?: { effect: number; ms: number }
  /** Of its docker commands and of its words with HAProxy, this share fails, or is slow. */
  failing: number
  slow: number
}

export const NO_FAULTS: Faults = { failing: 0, slow: 0 }

const WALL_CLOCK = Date.UTC(2026, 10, 22, 6)

/** One run of the kit: the ports that its engine is given. Once it died, nothing of it has an effect or resolves. */
export class SimulatedProcess implements Mortal {
  readonly ports: Ports
  readonly interruption = new AbortController()
  dead = false
  /** Resolves when it dies. */
  readonly death: Promise<void>
  readonly #host: Host
  readonly #name: string
  readonly #faults: Faults
  #effects = 0
  #die = () => {}

  constructor(host: Host, name: string, faults: Faults) {
    this.#host = host
    this.#name = name
    this.#faults = faults
    this.death = new Promise((resolve) => {
      this.#die = resolve
    })
    host.processes.add(this)
    const { disk, scheduler, database } = host
    const runner = (acts: boolean): Runner => ({ dry: false, run: (...given) => this.#run(acts, ...given) })
    const change = (what: string, path: string, act: () => void) =>
      this.#act(0.2, () => {
        act()
        host.effect(`${name} ${what}`, path)
      })
    this.ports = {
      read: runner(false),
      runner: runner(true),
      disk: {
        read: (path) => this.#look(0.05, () => disk.read(path)),
        list: (path) => this.#look(0.05, () => disk.list(path)),
        makeFolder: (path) => change('makes folder', path, () => disk.makeFolder(path)),
        write: (path, text) => change('writes', path, () => disk.write(path, text)),
        append: (path, text) =>
          change('appends', text.length < 400 ? text.trim() : path, () => disk.append(path, text)),
        overwrite: (path, text) => change('writes over', path, () => disk.overwrite(path, text)),
        sync: (path) => change('syncs', path, () => disk.sync(path)),
        rename: (from, to) => change(`renames ${from} to`, to, () => disk.rename(from, to)),
        remove: (path) => change('removes', path, () => disk.remove(path)),
      },
      edge: { ask: (line) => this.#ask(line) },
      http: { request: (port, path, options) => this.#look(3, () => answer(host, port, path, options)) },
      ledger: { migrations: () => this.#look(20, () => database.rows.map((row) => ({ ...row }))) },
      versions: this.#versions(),
      clock: {
        now: () => scheduler.now,
        date: () => new Date(WALL_CLOCK + scheduler.now),
        sleep: (ms) => this.#look(ms, () => {}),
      },
    }
  }

  die(reason: string): void {
    if (this.dead) return
    this.dead = true
    this.#host.watch.tell(`${this.#name} ended:`, reason)
    this.exit()
    this.#die()
  }

  /** Ends as a process does: it gives the lock back, unless a command of its own still runs. */
  exit(): void {
    this.dead = true
    this.#host.processes.delete(this)
    this.#host.lock.release(this)
  }

  #look<T>(ms: number, look: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#host.scheduler.after(ms, () => {
        if (this.dead) return
        try {
          resolve(look())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** Something that changes the world: the moment at which a fault may strike. */
  #act<T>(ms: number, act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#host.scheduler.after(ms, () => {
        if (this.dead) return
        const end = this.#strike()
        if (this.dead) return
        try {
          const value = act()
          if (end === 'after') this.#fall()
          else resolve(value)
        } catch (error) {
          if (end === 'after') this.#fall()
          else reject(error)
        }
      })
    })
  }

  /** Counts an effect and lets happen what the schedule has for it; answers how the process is to end, if so. */
  #strike(): 'after' | undefined {
    const { end, interrupt, full } = this.#faults
    const { scheduler, disk, watch, random } = this.#host
    this.#effects += 1
    if (interrupt === this.#effects) {
      watch.tell(`${this.#name} is interrupted`)
      this.interruption.abort(new KitError('interrupted', { code: EXIT.interrupted }))
    }
    if (full?.effect === this.#effects) {
      watch.tell('the disk is full')
      disk.full = true
      scheduler.after(full.ms, () => {
        disk.full = false
      })
    }
    if (end?.effect !== this.#effects) return undefined
    if (end.when === 'before') this.#fall()
    if (end.when === 'during') scheduler.after(random.between(1, 3000), () => this.#fall())
    return end.when === 'after' ? 'after' : undefined
  }

  #fall(): void {
    if (this.dead) return
    if (this.#faults.end?.kind === 'power') this.#host.powerLoss()
    else this.die('kill -9')
  }

  #ask(line: string): Promise<string> {
    const { edge } = this.#host
    if (line.startsWith('show ')) return this.#look(1, () => edge.ask(line))
    return this.#act(1, () => {
      const fate = this.#fate()
      if (fate === 'refused') throw new Error('HAProxy does not answer')
      const said = edge.ask(line)
      if (fate === 'well') return said
      throw new Error('HAProxy does not answer: time is over')
    })
  }

  #versions(): Versions {
    const { temporal } = this.#host
    const tell = <T>(ms: number, act: () => T) => this.#act(ms, () => this.#say(act))
    return {
      look: () => this.#look(10, () => this.#say(() => temporal.look())),
      makeCurrent: (buildId, token) => tell(30, () => temporal.makeCurrent(buildId, token)),
      gate: async (gate) => {
        const { ms, problem } = await tell(20, () => temporal.gate(gate))
        await this.#look(ms, () => {})
        if (problem) throw new Error(problem)
      },
      release: (buildId) => tell(50, () => temporal.release(buildId)),
      remove: (buildId) => tell(20, () => temporal.remove(buildId)),
    }
  }

  /** An answer of Temporal, or none: before it did what it was told, or after. */
  #say<T>(answer: () => T): T {
    const fate = this.#fate()
    if (fate === 'refused') throw new Error('14 UNAVAILABLE')
    const said = answer()
    if (fate === 'well') return said
    throw new Error('4 DEADLINE_EXCEEDED')
  }

  #run(acts: boolean, command: Command, { check = true, timeoutMs }: RunOptions = {}) {
    const host = this.#host
    const begin = acts ? this.#act.bind(this) : this.#look.bind(this)
    const started = begin(
      1,
      () =>
        new Promise<{ code: number; stdout: string; stderr: string }>((resolve, reject) => {
          const fate = this.#fate()
          if (acts)
            host.effect(`${this.#name} $`, [...command.args, fate === 'well' ? '' : `(${fate})`].join(' '))
          const slowness = host.random.chance(this.#faults.slow) ? host.random.between(2, 40) : 1
          new Client(host, command, { fate, slowness, timeoutMs }, (result) => {
            if (this.dead) return
            if (check && result.code !== 0) reject(new CommandFailed(command, result))
            else resolve(result)
          })
        }),
    )
    return started.then((result) => result)
  }

  #fate(): Fate {
    const { random } = this.#host
    if (!random.chance(this.#faults.failing)) return 'well'
    return random.pick(['refused', 'broken off', 'reply lost'])
  }
}
