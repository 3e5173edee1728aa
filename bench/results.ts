import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { type Series, summarise } from './table.ts'

/** What must be equal for a run that was cut to be continued: samples of two versions are never mixed. */
export type Identity = { bench: string; project: string; options: Record<string, unknown> }

type Saved = Identity & { complete: boolean; facts: Record<string, string>; series: Series[] }

/** The samples of one run, on disk after each, so that a run that was cut goes on where it ended. */
export class Results {
  readonly series: Series[] = []
  /** What is no number: which image, which container. Kept when a run is continued. */
  readonly facts: Record<string, string> = {}
  readonly #path: string
  readonly #identity: Identity

  private constructor(path: string, identity: Identity) {
    this.#path = path
    this.#identity = identity
  }

  /** Continues the file's run if that was cut and has the same identity; begins a new one otherwise. */
  static open(path: string, identity: Identity, { fresh = false } = {}): Results {
    const results = new Results(path, identity)
    const saved = fresh ? undefined : read(path)
    if (saved && !saved.complete && same(saved, identity)) {
      results.series.push(...saved.series.map(({ name, unit, samples }) => ({ name, unit, samples })))
      Object.assign(results.facts, saved.facts)
    }
    return results
  }

  /** How many samples a series has; 0 when there is none yet. */
  count(name: string): number {
    return this.samples(name).length
  }

  samples(name: string): number[] {
    return this.series.find((series) => series.name === name)?.samples ?? []
  }

  /** Adds one sample to each of these series, which are made as needed, and saves. */
  add(unit: string, values: Record<string, number>): void {
    for (const [name, value] of Object.entries(values)) {
      if (!this.series.some((known) => known.name === name)) this.series.push({ name, unit, samples: [] })
      this.samples(name).push(Math.round(value * 1000) / 1000)
    }
    this.save()
  }

  /** Writes everything, with what a reader needs to judge it. */
  save(complete = false): void {
    const series = this.series.map((one) => ({ ...one, ...summarise(one.samples) }))
    const saved = { ...this.#identity, at: new Date().toISOString(), machine: machine(), complete }
    mkdirSync(dirname(this.#path), { recursive: true })
    writeFileSync(
      `${this.#path}.new`,
      `${JSON.stringify({ ...saved, facts: this.facts, series }, null, 2)}\n`,
    )
    renameSync(`${this.#path}.new`, this.#path)
  }
}

const machine = () => ({
  node: process.version,
  kernel: release(),
  cpus: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  memory_gib: Math.round(totalmem() / 2 ** 30),
})

const same = (a: Identity, b: Identity): boolean =>
  a.bench === b.bench && a.project === b.project && JSON.stringify(a.options) === JSON.stringify(b.options)

/** The saved run; a file that cannot be understood is as good as none. */
function read(path: string): Saved | undefined {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Saved
  } catch {
    return undefined
  }
}
