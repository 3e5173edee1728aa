import { Containers, type SimulatedContainer } from './containers.ts'
import { SimulatedDatabase } from './database.ts'
import { SimulatedDisk } from './disk.ts'
import { Edge } from './edge.ts'
import type { SimulatedImage } from './images.ts'
import { Lock } from './lock.ts'
import { type Random, seeded } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedTemporal } from './temporal.ts'
import { Watch } from './watch.ts'

/** What can be ended from outside: a process, or a command that it started. */
export type Mortal = { die(reason: string): void }

/** One machine with all that a stack consists of. */
export class Host {
  readonly random: Random
  readonly scheduler = new Scheduler()
  readonly disk: SimulatedDisk
  readonly database = new SimulatedDatabase()
  readonly containers = new Containers(this)
  readonly edge = new Edge(this)
  readonly temporal = new SimulatedTemporal(this)
  readonly lock = new Lock()
  readonly watch: Watch
  readonly images = new Map<string, SimulatedImage>()
  /** How many images were ever made. */
  made = 0
  /** Tags of the engine: a reference to the id of an image. */
  readonly tags = new Map<string, string>()
  /** Containers of `docker compose run`. */
  readonly oneOffs = new Set<object>()
  /** Processes of the kit, and command lines that it started. */
  readonly processes = new Set<Mortal>()
  readonly clients = new Set<Mortal>()
  /** The host is switched on; its engine answers. */
  on = true
  engine = true

  constructor(seed: number, tracing: boolean) {
    this.random = seeded(seed)
    this.disk = new SimulatedDisk(this.random)
    this.watch = new Watch(this, tracing)
  }

  effect(what: string, detail?: string): void {
    this.watch.effect(what, detail)
  }

  image(reference: string): SimulatedImage | undefined {
    return this.images.get(this.tags.get(reference) ?? reference)
  }

  alive(owner: unknown): boolean {
    return (
      this.oneOffs.has(owner as object) ||
      this.containers.list.some(
        (container: SimulatedContainer) => container === owner && container.status === 'running',
      )
    )
  }

  /** Everything ends at once; what was not synced may be lost; then the host starts again. */
  powerLoss(): void {
    if (!this.on) return
    this.on = false
    for (const process of [...this.processes]) process.die('power loss')
    this.#engineEnds()
    this.lock.clear()
    this.disk.full = false
    this.disk.powerLoss()
    this.effect('power loss')
    this.scheduler.after(this.random.between(2000, 8000), () => {
      this.on = true
      this.#engineStarts()
    })
  }

  /** The engine is killed and started again; its containers end with it. */
  engineCrash(): void {
    if (!this.engine || !this.on) return
    this.#engineEnds()
    this.effect('the engine crashed')
    this.scheduler.after(this.random.between(500, 5000), () => this.on && this.#engineStarts())
  }

  #engineEnds(): void {
    this.engine = false
    this.edge.running = false
    for (const client of [...this.clients]) client.die('error during connect: EOF')
    this.oneOffs.clear()
    this.containers.allDown()
    this.temporal.restarted()
  }

  #engineStarts(): void {
    if (this.engine) return
    this.engine = true
    this.effect('the engine started')
    this.containers.allUp()
    this.scheduler.after(this.random.between(200, 1000), () => this.engine && this.edge.start())
  }
}
