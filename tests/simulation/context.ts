import { openStack, type StackContext } from '../../scripts/context.ts'
import { worldOver } from '../../scripts/world.ts'
import type { Host } from './host.ts'
import { NO_FAULTS, SimulatedProcess } from './process.ts'
import { startedStack } from './stack.ts'

/** A started stack for a test of one step, and what lets simulated time pass while a promise is awaited. */
export async function steadyStack(): Promise<{
  host: Host
  context: StackContext
  during<T>(work: Promise<T>): Promise<T>
}> {
  const { host } = await startedStack(1, false)
  const process = new SimulatedProcess(host, 'operator', NO_FAULTS)
  const interrupted = process.interruption.signal
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let over = false
    const ended = work.finally(() => {
      over = true
    })
    await host.scheduler.run(() => over)
    return ended
  }
  const context = {
    root: '/simulated',
    world: worldOver(process.ports, interrupted),
    progress: {
      note: () => {},
      step: <T>(_: string, run: (detail: () => void) => Promise<T>) => run(() => {}),
    },
    interrupted,
    preflight: async () => [],
    print: () => {},
    emit: () => {},
  }
  return { host, during, context: await during(openStack(context)) }
}
