import { COLOURS, type Colour } from '../../scripts/stack/colours.ts'
import type { Host } from './host.ts'
import type { SimulatedImage } from './images.ts'
import { migrating } from './migrating.ts'

export type SimulatedContainer = {
  id: string
  name: string
  service: string
  /** As `.env` named it, and the image that this was then. */
  reference: string
  image: SimulatedImage
  /** What Compose compares to see whether it must be replaced. */
  configuration: string
  status: 'created' | 'running' | 'stopping' | 'restarting' | 'exited'
  /** Counts its starts; what an earlier start had planned comes to nothing. */
  starts: number
  startedAt: number
  restarts: number
  exitCode: number
  ready: boolean
  /** It was ready before: unless the kit stops it, only a fault of the schedule can have ended that. */
  excused: boolean
  /** When it was ready last; Infinity while it is. */
  readyUntil: number
}

/** Docker's containers: started, stopped, crashing and restarted as their images and `restart: always` say. */
export class Containers {
  list: SimulatedContainer[] = []
  #count = 0
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  of(service: string): SimulatedContainer[] {
    return this.list.filter((container) => container.service === service)
  }

  /** The container that answers for a colour. */
  api(colour: Colour): SimulatedContainer | undefined {
    const all = this.of(`ecomweb_api_${colour}`)
    return all.find(({ status }) => status === 'running') ?? all[0]
  }

  create(
    wanted: Pick<SimulatedContainer, 'name' | 'service' | 'reference' | 'image' | 'configuration'>,
  ): SimulatedContainer {
    this.#count += 1
    const container: SimulatedContainer = {
      ...wanted,
      id: this.#count.toString(16).padStart(64, '0'),
      status: 'created',
      starts: 0,
      startedAt: 0,
      restarts: 0,
      exitCode: 0,
      ready: false,
      excused: false,
      readyUntil: 0,
    }
    this.list.unshift(container)
    this.#host.effect(`created ${container.name}`, container.image.reference)
    return container
  }

  start(container: SimulatedContainer): void {
    const { random, scheduler } = this.#host
    const { image } = container
    container.status = 'running'
    container.starts += 1
    container.startedAt = scheduler.now
    this.#host.effect(`started ${container.name}`, image.reference)
    const isApi = container.service.startsWith('ecomweb_api_')
    const needs = image.startMs * (0.8 + 0.4 * random.next())
    if (isApi) {
      this.#migrate(container, () => {
        if (image.behaviour === 'crashing') this.#later(container, needs / 2, () => this.crash(container))
        else if (image.behaviour !== 'never ready')
          this.#later(container, needs, () => this.#becomeReady(container))
        return undefined
      })
    } else if (image.behaviour === 'no background') {
      this.#later(container, needs / 2, () => this.crash(container))
    } else this.#later(container, needs, () => this.#becomeReady(container))
  }

  /** What Compose does before it replaces a container: it ends by itself within its grace period. */
  stop(container: SimulatedContainer): void {
    this.#host.watch.stopping(container)
    container.status = 'stopping'
    this.#unready(container, true)
    container.excused = false
    this.#host.effect(`stopping ${container.name}`)
  }

  stopped(container: SimulatedContainer): void {
    container.status = 'exited'
    this.#host.effect(`stopped ${container.name}`)
  }

  remove(container: SimulatedContainer): void {
    this.list = this.list.filter((other) => other !== container)
    this.#host.effect(`removed ${container.name}`)
  }

  /** Its process ends by itself; the engine starts it again, later each time. */
  crash(container: SimulatedContainer): void {
    if (container.status !== 'running') return
    container.status = 'restarting'
    container.exitCode = 1
    container.starts += 1
    this.#unready(container)
    this.#host.effect(`crashed: ${container.name}`)
    this.#later(container, Math.min(100 * 2 ** container.restarts, 60_000), () => {
      container.restarts += 1
      this.start(container)
    })
  }

  /** `docker kill` by hand, which the engine takes for a wish: it does not start it again. */
  kill(container: SimulatedContainer): void {
    container.status = 'exited'
    container.exitCode = 137
    container.starts += 1
    this.#unready(container)
    this.#host.effect(`killed: ${container.name}`)
  }

  /** The engine or the whole host goes down. */
  allDown(): void {
    for (const container of this.list) {
      container.starts += 1
      if (container.status === 'stopping') container.status = 'exited'
      this.#unready(container)
    }
  }

  /** The engine starts whatever was started before, stopped meanwhile or not. */
  allUp(): void {
    for (const container of [...this.list]) {
      if (container.status !== 'created') this.start(container)
    }
  }

  #becomeReady(container: SimulatedContainer): void {
    const { random } = this.#host
    container.ready = container.excused = true
    container.readyUntil = Number.POSITIVE_INFINITY
    this.#host.effect(`ready: ${container.name}`)
    this.#tellEdge(container)
    if (isWorker(container)) this.#host.temporal.joined(container)
    if (container.image.behaviour === 'dying' && container.service.startsWith('ecomweb_api_')) {
      this.#later(container, random.between(500, 30_000), () => this.crash(container))
    }
  }

  #unready(container: SimulatedContainer, asked = false): void {
    if (!container.ready) return
    container.ready = false
    if (isWorker(container)) this.#host.temporal.left(container, asked)
    container.readyUntil = this.#host.scheduler.now
    this.#tellEdge(container)
  }

  #tellEdge({ service, ready }: SimulatedContainer): void {
    for (const colour of COLOURS)
      if (service === `ecomweb_api_${colour}`) this.#host.edge.notice(colour, ready)
  }

  /** An API container brings the schema up to date before it starts; it ends when that fails. */
  #migrate(container: SimulatedContainer, then: () => void): void {
    const program = migrating(this.#host, container.image, container)
    const go = () => {
      const { done, value } = program.next()
      if (!done) this.#later(container, value, go)
      else if (value.code === 0) then()
      else this.crash(container)
    }
    go()
  }

  #later(container: SimulatedContainer, ms: number, run: () => void): void {
    const { starts } = container
    this.#host.scheduler.after(ms, () => {
      if (container.starts === starts && container.status !== 'stopping' && container.status !== 'exited')
        run()
    })
  }
}

const isWorker = ({ service }: SimulatedContainer): boolean => service.startsWith('ecomweb_worker')
