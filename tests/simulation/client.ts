import type { Command, Result } from '../../scripts/run.ts'
import { programOf } from './docker.ts'
import type { Host, Mortal } from './host.ts'
import { failed, type Program } from './program.ts'

/** How a command line goes: as it should; refused; broken off; or done, with an error for an answer. */
export type Fate = 'well' | 'refused' | 'broken off' | 'reply lost'

type Conditions = {
  fate: Fate
  /** Everything takes so many times longer. */
  slowness: number
  timeoutMs?: number | undefined
}

/** A `docker` command line: a process of its own, which outlives the kit that started it, and holds the lock. */
export class Client implements Mortal {
  readonly #host: Host
  readonly #program: Program
  readonly #conditions: Conditions
  readonly #then: (result: Result) => void
  #turns = 0
  #over = false

  constructor(host: Host, command: Command, conditions: Conditions, then: (result: Result) => void) {
    this.#host = host
    this.#program = programOf(host, command)
    this.#conditions = conditions
    this.#then = then
    host.clients.add(this)
    host.lock.share(this)
    const { timeoutMs, fate } = conditions
    if (timeoutMs !== undefined)
      host.scheduler.after(timeoutMs, () => this.#end(failed('ended by SIGKILL', 137)))
    if (!host.engine) host.scheduler.after(30, () => this.die('Cannot connect to the Docker daemon'))
    else if (fate === 'refused') host.scheduler.after(50, () => this.#end(failed('simulated: refused')))
    else this.#turn()
  }

  die(reason: string): void {
    this.#end(failed(reason))
  }

  #turn(): void {
    if (this.#over) return
    const { fate, slowness } = this.#conditions
    this.#turns += 1
    if (fate === 'broken off' && this.#turns > 2 && this.#host.random.chance(0.3)) {
      this.#end(failed('simulated: broken off'))
      return
    }
    const { done, value } = this.#program.next()
    if (!done) this.#host.scheduler.after(value * slowness, () => this.#turn())
    else this.#end(fate === 'well' ? value : failed('simulated: the reply was lost'))
  }

  #end(result: Result): void {
    if (this.#over) return
    this.#over = true
    this.#host.clients.delete(this)
    this.#host.lock.release(this)
    this.#then(result)
  }
}
