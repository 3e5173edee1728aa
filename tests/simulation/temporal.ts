import type { Gate, Routing } from '../../scripts/ports.ts'
import { buildIdOf } from '../../scripts/workers/build-id.ts'
import type { SimulatedContainer } from './containers.ts'
import type { Host } from './host.ts'
import type { SimulatedImage } from './images.ts'

/** Who ended without a word is taken for a poller for so long; a worker looks every so often whether it is alone. */
const [LIVE_MS, LOOK_MS] = [75_000, 4000]
/** How often orders come in. */
const TURN_MS = 3000
/** The task queue is told of a new current version behind the change. */
const TOLD_MS = 2000

/** The version of an image's workers; `''` where they register none. */
export const versionOf = ({ id, versioned }: SimulatedImage): string => (versioned ? buildIdOf(id) : '')

/** Temporal, in a container of the same engine: versions of workers, who polls for them, and workflows pinned to them. */
export class SimulatedTemporal {
  /** Whether this server knows versions. */
  knows = true
  /** Whether it answers nobody, for a while. */
  silent = false
  current = ''
  /** The current version is what a worker made of it that found itself alone. */
  tookOver = false
  /** Running workflows by the version that they are pinned to. */
  readonly running = new Map<string, number>()
  /** Those that ended without a word. */
  #gone: { version: string; until: number }[] = []
  #changes = 0
  #toldAt = 0
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  /** Containers whose workers poll. */
  workersOf(version: string): SimulatedContainer[] {
    return this.#host.containers.list.filter(
      ({ service, ready, image }) =>
        service.startsWith('ecomweb_worker') && ready && versionOf(image) === version,
    )
  }

  live(version: string): number {
    const { now } = this.#host.scheduler
    const gone = this.#gone.filter((one) => one.version === version && one.until > now)
    return this.workersOf(version).length + gone.length
  }

  /** A container of workers is ready: it registers, and begins to look whether it is alone. */
  joined(container: SimulatedContainer): void {
    if (!this.knows) return
    const version = versionOf(container.image)
    if (version !== '' && !this.running.has(version)) this.running.set(version, 0)
    this.#lookLater(container)
  }

  /** A container of workers polls no more; `asked` when it could say so. */
  left(container: SimulatedContainer, asked: boolean): void {
    if (!asked) {
      const until = this.#host.scheduler.now + LIVE_MS
      this.#gone.push({ version: versionOf(container.image), until })
    }
  }

  /** The server ends with its engine, and forgets who polled. */
  restarted(): void {
    this.#gone = []
  }

  /** Takes over where the current version has nobody, as long as it runs in the first service. */
  #lookLater(container: SimulatedContainer): void {
    const { scheduler, random } = this.#host
    if (container.service !== 'ecomweb_worker' || versionOf(container.image) === '') return
    const { starts } = container
    scheduler.after(random.between(500, LOOK_MS), () => {
      if (!container.ready || container.starts !== starts) return
      const own = versionOf(container.image)
      if (!this.silent && this.current !== own && this.live(this.current) === 0) this.#set(own, true)
      this.#lookLater(container)
    })
  }

  #set(version: string, tookOver = false): void {
    this.current = version
    this.tookOver = tookOver
    this.#changes += 1
    this.#toldAt = this.#host.scheduler.now + this.#host.random.between(10, TOLD_MS)
    this.#host.effect('current version', version || 'none')
  }

  look(): Routing | undefined {
    this.#mustListen()
    if (!this.knows) return undefined
    const { current } = this
    const versions = [...new Set(['', ...this.running.keys()])].map((buildId) => ({
      buildId,
      status:
        buildId === current
          ? ('current' as const)
          : (this.running.get(buildId) ?? 0) > 0
            ? ('draining' as const)
            : ('drained' as const),
      pollers: Array.from({ length: this.live(buildId) }, (_, at) => `${at}@${buildId}`),
      running: this.running.get(buildId) ?? 0,
    }))
    const settling = this.#host.scheduler.now < this.#toldAt
    return { current, settling, versions, token: Uint8Array.of(this.#changes & 0xff) }
  }

  makeCurrent(version: string, token?: Uint8Array): void {
    this.#mustAnswer()
    if (version !== '' && !this.running.has(version))
      throw new Error(`version ${version} not found in deployment`)
    if (token && token[0] !== (this.#changes & 0xff)) throw new Error('conflict token mismatch')
    if (this.current !== version) this.#set(version)
  }

  /** Fails now and then; needs somebody of the version who executes it. */
  gate({ buildId, timeoutMs }: Gate): { ms: number; problem?: string } {
    this.#mustAnswer()
    const { random } = this.#host
    if (!this.running.has(buildId)) return { ms: 10, problem: 'the pinned version is not there' }
    if (this.workersOf(buildId).length === 0) return { ms: timeoutMs, problem: 'it timed out' }
    return random.chance(0.02) ? { ms: 300, problem: 'simulated' } : { ms: random.between(50, 900) }
  }

  release(version: string): number {
    this.#mustAnswer()
    const released = this.running.get(version) ?? 0
    if (released > 0) {
      this.running.set(version, 0)
      this.#host.effect('released', `${released} of ${version}`)
    }
    return released
  }

  remove(version: string): void {
    this.#mustAnswer()
    if (this.live(version) > 0) throw new Error(`version '${version}' has active pollers`)
    if (this.current === version || (this.running.get(version) ?? 0) > 0)
      this.#host.watch.violated(`version ${version} is removed while it is needed`)
    this.running.delete(version)
  }

  /** Versions whose workflows nobody can go on with. */
  stranded(): string[] {
    return [...this.running].flatMap(([version, count]) =>
      count > 0 && this.workersOf(version).length === 0 ? [version] : [],
    )
  }

  /** Orders come in and end; a colour pins what it begins to its own version, if the server knows that. */
  begin(): void {
    const { scheduler, random, edge, containers } = this.#host
    scheduler.after(TURN_MS, () => {
      this.begin()
      if (!this.#host.engine || this.silent || !this.knows) return
      for (const colour of edge.routed()) {
        const api = containers.api(colour)
        if (!api?.ready || !api.image.versioned || !random.chance(0.6)) continue
        const version = versionOf(api.image)
        const count = this.running.get(version)
        if (count !== undefined) this.running.set(version, count + 1)
      }
      for (const [version, count] of this.running) {
        if (count > 0 && random.chance(0.25) && this.workersOf(version).length > 0)
          this.running.set(version, count - 1)
      }
    })
  }

  #mustListen(): void {
    if (!this.#host.engine || this.silent) throw new Error('connect ECONNREFUSED')
  }

  #mustAnswer(): void {
    this.#mustListen()
    if (!this.knows) throw new Error('12 UNIMPLEMENTED')
  }
}
