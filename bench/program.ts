import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EXIT, explain, KitError } from '../scripts/errors.ts'
import { execRunner, type Runner } from '../scripts/run.ts'
import { redact } from '../scripts/settings/secrets.ts'
import { Results } from './results.ts'
import { formatSeries } from './table.ts'

/** A flag's type is that of its default. Numbers are whole and within `least` (default 1) and `most`. */
export type Flag = { default: number | string | boolean; help: string; least?: number; most?: number }
export type Flags = Record<string, Flag>
type Widened<T> = T extends number ? number : T extends string ? string : boolean
export type Values<F extends Flags> = { [Name in keyof F]: Widened<F[Name]['default']> }

export type Bench<F extends Flags> = {
  /** The name of the file, and of its results. */
  name: string
  /** What is measured and what it does to the stack meanwhile. */
  about: string
  flags: F
  run(kit: Kit, values: Values<F & typeof COMMON>): Promise<void>
}

/** What every program is given. */
export type Kit = {
  runner: Runner
  results: Results
  say(text: string): void
  /** Aborted by Ctrl-C or SIGTERM; from then on `runner` starts nothing more. */
  signal: AbortSignal
  /** To be done at the end, however that comes, with a runner that still works; last added, first done. */
  atEnd(cleanUp: CleanUp): void
}

export type CleanUp = (runner: Runner) => Promise<unknown>

const PROJECT = join(import.meta.dirname, '..')

const COMMON = {
  root: { default: PROJECT, help: 'the folder of the stack' },
  fresh: { default: false, help: 'begin anew, even if the last run was cut' },
} satisfies Flags

/** Runs a measuring program: flags, results, clean-up, table. Sets the exit code. */
export async function measure<F extends Flags>(bench: Bench<F>): Promise<void> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const runner = stoppable(execRunner(), stop.signal)
  const cleanUps: CleanUp[] = []
  try {
    const flags = { ...bench.flags, ...COMMON }
    const values = parseFlags(bench.name, flags, process.argv.slice(2))
    if (!values) return void console.log(helpText(bench, flags))
    const { fresh, ...options } = values
    const identity = { bench: bench.name, project: await version(runner, String(values.root)), options }
    const path = join(import.meta.dirname, 'results', `${bench.name}.json`)
    const results = Results.open(path, identity, { fresh: fresh === true })
    if (results.series.length > 0) console.error('going on with a run that was cut (--fresh begins anew)')
    const say = (text: string) => console.error(text)
    const kit = {
      runner,
      results,
      say,
      signal: stop.signal,
      atEnd: (one: CleanUp) => void cleanUps.push(one),
    }
    await bench.run(kit, values).finally(() => end(cleanUps))
    if (results.series.length === 0) return
    results.save(true)
    console.log(`${formatSeries(results.series)}\n`)
    for (const [name, fact] of Object.entries(results.facts)) console.log(`${name}: ${fact}`)
    console.log(`project ${identity.project}; every sample is in bench/results/${bench.name}.json`)
  } catch (error) {
    const reason = stop.signal.aborted ? interrupted() : error
    complain(reason)
    process.exitCode = reason instanceof KitError ? reason.code : EXIT.failed
  }
}

const interrupted = (): KitError =>
  new KitError('interrupted', { next: 'the same command again: it goes on', code: EXIT.interrupted })

/** A runner that starts nothing once the signal is given: what runs already ends, then the program cleans up. */
const stoppable = (runner: Runner, signal: AbortSignal): Runner => ({
  dry: runner.dry,
  run: (...given) => (signal.aborted ? Promise.reject(interrupted()) : runner.run(...given)),
})

/** A clean-up that fails is reported and keeps no other from being done. */
async function end(cleanUps: CleanUp[]): Promise<void> {
  for (const cleanUp of cleanUps.toReversed()) {
    await cleanUp(execRunner()).catch(complain)
  }
}

/** Values by flag, or undefined when help was asked for. Errors: unknown flag, or a number out of bounds. */
export function parseFlags<F extends Flags>(name: string, flags: F, args: string[]): Values<F> | undefined {
  const wrong = (what: string) =>
    new KitError(what, { next: `node bench/${name}.ts --help`, code: EXIT.usage })
  const options = Object.fromEntries(
    Object.entries(flags).map(([flag, { default: value }]) => [
      flag,
      { type: typeof value === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  let given: Record<string, unknown>
  try {
    given = parseArgs({ args, options: { ...options, help: { type: 'boolean' } } }).values
  } catch (error) {
    throw wrong((error as Error).message.split('. ')[0] ?? 'wrong usage')
  }
  if (given.help) return undefined
  const values = Object.entries(flags).map(([flag, { default: value, least = 1, most = 1000 }]) => {
    if (given[flag] === undefined) return [flag, value]
    if (typeof value !== 'number') return [flag, given[flag]]
    const number = Number(given[flag])
    if (given[flag] !== '' && Number.isInteger(number) && number >= least && number <= most)
      return [flag, number]
    throw wrong(`--${flag} must be a whole number from ${least} to ${most}, not "${given[flag]}"`)
  })
  return Object.fromEntries(values) as Values<F>
}

function helpText({ name, about }: { name: string; about: string }, flags: Flags): string {
  const lines = Object.entries(flags).map(([flag, { default: value, help }]) => {
    const shown =
      typeof value === 'boolean' || value === ''
        ? ''
        : ` (default ${value === PROJECT ? 'this project' : value})`
    return `  --${flag.padEnd(12)} ${help}${shown}`
  })
  return `${about}\n\n  node bench/${name}.ts [flags]\n\n${lines.join('\n')}`
}

/** The commit that is measured, marked when files differ from it. */
async function version(runner: Runner, root: string): Promise<string> {
  const args = ['-C', root, 'describe', '--always', '--dirty', '--exclude', '*']
  return (await runner.run({ file: 'git', args }, { check: false })).stdout.trim() || 'unknown'
}

const complain = (error: unknown): void => console.error(redact(explain(error, process.env.VERBOSE === '1')))
