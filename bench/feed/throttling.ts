import { execIn } from '../../scripts/docker/containers.ts'
import type { Runner } from '../../scripts/run.ts'

/** What the kernel counts of a container with a limit of processor time: its periods, and those that were cut short. */
export type Throttling = { periods: number; throttled: number; throttledMs: number }

/** Where cgroup v2 has it, else v1. */
const READ = 'cat /sys/fs/cgroup/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.stat'

/** Reads it from a running container. */
export async function throttlingOf(runner: Runner, container: string): Promise<Throttling> {
  const { stdout } = await runner.run(execIn(container, ['sh', '-c', READ]))
  return parseThrottling(stdout)
}

/** Parses cpu.stat, whose time cgroup v1 gives in ns; without a limit nothing was ever cut short. */
export function parseThrottling(text: string): Throttling {
  const figures = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]))
  const figure = (name: string) => Number(figures.get(name) ?? 0)
  return {
    periods: figure('nr_periods'),
    throttled: figure('nr_throttled'),
    throttledMs: figure('throttled_usec') / 1000 + figure('throttled_time') / 1e6,
  }
}

/** What came between two looks, in words. */
export function describeThrottling(before: Throttling, after: Throttling): string {
  const throttled = after.throttled - before.throttled
  const ms = after.throttledMs - before.throttledMs
  return `${throttled} of ${after.periods - before.periods} periods were cut short, ${ms.toFixed(0)} ms in all`
}
