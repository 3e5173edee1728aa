import type { CommandSpec, Values } from '../../scripts/commands/command.ts'
import type { Context } from '../../scripts/context.ts'
import { EXIT, KitError } from '../../scripts/errors.ts'
import type { Ports } from '../../scripts/ports.ts'
import { worldOver } from '../../scripts/world.ts'
import type { Host } from './host.ts'
import { type Faults, SimulatedProcess } from './process.ts'

/** A command line, as main.ts would run it. */
export type Line = { spec: CommandSpec; values?: Values; operands?: string[] }

export type Exit = 'done' | 'killed' | 'locked' | 'refused' | 'failed'

export type Circumstances = {
  who: string
  faults: Faults
  wait: boolean
  bug?: ((ports: Ports) => Ports) | undefined
}

/** Runs a command as the launcher does: takes the lock or is refused, then carries it out until it ends or is killed. */
export async function runCommand(host: Host, line: Line, circumstances: Circumstances): Promise<Exit> {
  const { spec, values = {}, operands = [] } = line
  const { who, faults, wait, bug } = circumstances
  while (!host.on) await host.scheduler.sleep(500)
  // Where Ctrl-C undoes nothing it ends the command at once.
  const { interrupt, ...others } = faults
  const asked: Faults =
    interrupt === undefined || spec.undoesOnInterrupt
      ? faults
      : { ...others, end: { kind: 'kill', effect: interrupt, when: 'before' } }
  const process = new SimulatedProcess(host, who, asked)
  const name = [who, spec.name, ...operands].join(' ')
  if (!(await host.lock.take(process, wait)) || process.dead) {
    process.exit()
    return process.dead ? 'killed' : 'locked'
  }
  host.watch.tell(`${name} begins`, JSON.stringify(asked))
  const context: Context = {
    root: '/simulated',
    world: worldOver(bug ? bug(process.ports) : process.ports, process.interruption.signal),
    progress: {
      note: (text) => host.watch.tell(`${who} notes:`, text),
      step: (_title, run) => run(() => {}),
    },
    interrupted: process.interruption.signal,
    preflight: async () => [],
    print: () => {},
    emit: () => {},
  }
  const ended = await Promise.race([
    spec.run(context, values, operands).then(
      () => 'done' as const,
      (error: unknown) => judged(host, error),
    ),
    process.death.then(() => 'killed' as const),
  ])
  process.exit()
  host.watch.tell(`${name}: ${ended}`)
  return ended
}

/** An error that a person can act on is an answer; any other is a fault of the kit or of the simulation. */
function judged(host: Host, error: unknown): Exit {
  host.watch.tell('error:', `${(error as Error).message} ${(error as KitError).why ?? ''}`)
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) {
    host.watch.violated(`an error that nobody foresaw: ${(error as Error).stack ?? error}`)
  }
  return error instanceof KitError && error.code === EXIT.unfinished ? 'refused' : 'failed'
}
