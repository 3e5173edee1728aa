import { abortCommand, resumeCommand } from '../../scripts/commands/recover.ts'
import { JOURNAL } from '../../scripts/deploy/journal.ts'
import type { Ports } from '../../scripts/ports.ts'
import type { Colour } from '../../scripts/stack/colours.ts'
import { audit, follow } from './audit.ts'
import { type Exit, type Line, runCommand } from './command.ts'
import type { Host } from './host.ts'
import { becomesReady } from './images.ts'
import { type Faults, NO_FAULTS } from './process.ts'
import { edit, someCommand, someFaults } from './schedule.ts'
import { type Expected, startedStack } from './stack.ts'

/** What became of one schedule. */
export type Story = {
  seed: number
  violations: string[]
  /** What happened, line by line; only when asked for. */
  trace: string[]
  effects: number
  /** How often commands ended how: `deploy done`, `resume killed`. */
  exits: Map<string, number>
}

export type Options = { tracing?: boolean; bug?: (ports: Ports) => Ports }

/** No schedule lasts longer by its own clock; one that does has something in it that never ends. */
const LIMIT_MS = 2 * 3_600_000
/** After so many attempts to resume or abort, no more faults strike; after the second number one must have ended it. */
const [FAULTY_ATTEMPTS, ATTEMPTS] = [3, 6]

/** Plays the schedule that a seed stands for, from a stack that is well to a stack that must be well. */
export async function simulate(seed: number, options: Options = {}): Promise<Story> {
  const { host, expected } = await startedStack(seed, options.tracing === true)
  const exits = new Map<string, number>()
  let over = false
  const { exitCode } = process
  const played = play(host, expected, options, exits).then(
    () => {
      over = true
    },
    (error: Error) => {
      over = true
      host.watch.violated(`the simulation broke: ${error.stack}`)
    },
  )
  await host.scheduler.run(() => over || host.scheduler.now > LIMIT_MS || host.watch.violations.length > 0)
  if (over) await played
  else if (host.watch.violations.length === 0) host.watch.violated('it does not end')
  // Commands say by it how they ended; here that would be the end of the tests.
  process.exitCode = exitCode
  const { violations, trace, effects } = host.watch
  return { seed, violations, trace, effects, exits }
}

async function play(host: Host, expected: Expected, { bug }: Options, exits: Story['exits']): Promise<void> {
  const { random, scheduler, watch } = host
  const seen = new Set<string>()
  const run = async (who: string, line: Line, faults: Faults, wait: boolean): Promise<Exit> => {
    const exit = await runCommand(host, line, { who, faults, wait, bug })
    const name = `${line.spec.name} ${exit}`
    exits.set(name, (exits.get(name) ?? 0) + 1)
    return exit
  }

  for (let task = random.pick([1, 1, 1, 2, 3]); task > 0; task -= 1) {
    if (random.chance(0.15)) edit(host, expected)
    const line = await someCommand(host)
    const others: Promise<unknown>[] = []
    const later = (ms: number, act: () => Promise<unknown>) => others.push(scheduler.sleep(ms).then(act))
    if (random.chance(0.15)) {
      const second = await someCommand(host)
      later(random.between(0, 20_000), () => run('second', second, someFaults(random), random.chance(0.5)))
    }
    if (random.chance(0.08)) later(random.between(0, 15_000), async () => host.engineCrash())
    if (random.chance(0.12)) {
      later(random.between(0, 15_000), async () => {
        const container = random.pick(host.containers.list)
        if (host.on && host.engine) host.containers.crash(container)
      })
    }
    if (random.chance(0.1)) {
      const [before] = host.edge.routed()
      later(0, () => crashAfterSwitch(host, before, random.between(0, 4000)))
    }
    // Not among the others: what is left meanwhile is found while it still goes on.
    if (random.chance(0.06)) {
      const begin = random.between(0, 15_000)
      scheduler.after(begin, () => host.lock.held && beSilent(host, true))
      scheduler.after(begin + random.between(1000, 400_000), () => beSilent(host, false))
    }
    await run('first', line, someFaults(random), random.chance(0.5))
    await Promise.all(others)
    await recover(host, run)
    await calm(host)
    for (const problem of await follow(host, expected, seen)) watch.violated(problem)
    for (const problem of await audit(host, expected)) watch.violated(problem)
  }
  if (random.chance(0.5)) {
    host.powerLoss()
    // The last line of the journal may be lost, if its command was killed before it was on disk.
    await recover(host, run)
    await calm(host)
    for (const problem of await follow(host, expected, seen)) watch.violated(problem)
    for (const problem of await audit(host, expected)) watch.violated(problem)
  }
}

function beSilent(host: Host, silent: boolean): void {
  host.temporal.silent = silent
  host.watch.tell(silent ? 'Temporal answers nobody' : 'Temporal answers again')
}

/** The colour that users were just moved to ends, mostly while workers and cron follow. */
async function crashAfterSwitch(host: Host, before: Colour | undefined, later: number): Promise<void> {
  const { scheduler, edge, containers } = host
  const until = scheduler.now + 40_000
  while (scheduler.now < until && [undefined, before].includes(edge.routed()[0])) await scheduler.sleep(100)
  await scheduler.sleep(later)
  const [active] = edge.routed()
  const container = active && active !== before ? containers.api(active) : undefined
  if (container && host.on && host.engine) containers.crash(container)
}

/** What a person does who finds a command cut off: resume or abort, again and again, until one of them ends it. */
async function recover(
  host: Host,
  run: (who: string, line: Line, faults: Faults, wait: boolean) => Promise<Exit>,
): Promise<void> {
  const { random, scheduler, watch, database, disk, temporal } = host
  for (let attempt = 1; ; attempt += 1) {
    while (host.lock.held || !host.on) await scheduler.sleep(500)
    if (!watch.open()) return
    if (attempt > ATTEMPTS) return watch.violated('neither resume nor abort ends it')
    if (attempt === 1 && random.chance(0.2)) {
      const exit = await run('first', await someCommand(host), NO_FAULTS, false)
      if (exit !== 'refused') watch.violated(`a command over an unfinished one is not refused but ${exit}`)
    }
    const calmly = attempt > FAULTY_ATTEMPTS || random.chance(0.4)
    if (attempt > FAULTY_ATTEMPTS) {
      disk.full = false
      database.resolve()
      temporal.silent = false
      await scheduler.sleep(random.between(10_000, 60_000))
    }
    const spec = random.chance(0.5) ? resumeCommand : abortCommand
    await run('first', { spec }, calmly ? NO_FAULTS : someFaults(random), true)
  }
}

/** Waits until nothing is at work any more and every container that can be ready is. */
async function calm(host: Host): Promise<void> {
  const { scheduler, containers, database } = host
  host.disk.full = false
  host.temporal.silent = false
  database.resolve()
  // The kernel writes what was appended last by itself, within half a minute.
  if (host.disk.read(JOURNAL) !== undefined) host.disk.sync(JOURNAL)
  const restless = () =>
    !host.on ||
    !host.engine ||
    !host.edge.running ||
    host.lock.held ||
    host.oneOffs.size > 0 ||
    containers.list.some(({ ready, image, service }) => !ready && becomesReady(image, service))
  for (let looks = 0; restless() && looks < 200; looks += 1) await scheduler.sleep(1000)
}
