import { readFileSync } from 'node:fs'

/** The kernel's unit in /proc/…/stat is 1/100 s on every architecture that Docker runs on. */
const TICK_MS = 10

/** Milliseconds of processor time, user and system, by the text of /proc/PID/stat. */
export function parseCpuMs(stat: string): number {
  // The second field is a name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return (user + system) * TICK_MS
}

/** Processor time that processes of this host, all their threads included, have used so far. */
export const cpuMs = (pids: number[]): number =>
  pids.reduce((sum, pid) => sum + parseCpuMs(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0)
