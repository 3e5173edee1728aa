import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCpuMs } from '../edge/cpu.ts'
import { type Environment, whenServing } from './processes.ts'
import { type Part, type Profile, sharesOf } from './shares.ts'

const here = (name: string): string => join(import.meta.dirname, name)

/**
 * The share of each part in the processor time of one API process, while `load` runs against it, after
 * `warmUp`: of the main thread by
 * V8's profile, of the other threads by the kernel's account. Passwords are hashed in the threads of libuv's pool, and
 * next to nothing else is done there, so that is bcrypt's share; V8's own threads count as Node.
 */
export async function profiled(
  { root, folder, port, env }: { root: string; folder: string; port: number; env: Environment },
  { warmUp, load }: Record<'warmUp' | 'load', (url: string) => Promise<unknown>>,
): Promise<Record<Part, number>> {
  mkdirSync(folder, { recursive: true })
  const own = mkdtempSync(join(folder, 'profile-'))
  const flags = ['--cpu-prof', '--cpu-prof-dir', own, '--import', here('tag-json.ts')]
  const child = spawn(process.execPath, [...flags, join(root, 'apps/api/listen.ts')], {
    cwd: root,
    env: { ...process.env, ...env, PORT: String(port), CONTROL_DIR: join(own, 'control') },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const pid = child.pid as number
  try {
    const url = await whenServing(port, 'the profiled process')
    await warmUp(url)
    const [before, from] = [threadsOf(pid), nowUs()]
    await load(url)
    const [after, to] = [threadsOf(pid), nowUs()]
    child.kill('SIGTERM')
    await ended
    const file = readdirSync(own).find((name) => name.endsWith('.cpuprofile'))
    const profile = JSON.parse(readFileSync(join(own, String(file)), 'utf8')) as Profile
    return together(sharesOf(profile, from, to), difference(before, after))
  } finally {
    child.kill('SIGKILL')
  }
}

/** The clock that V8's profiles are in. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1000n)

type Threads = { main: number; pool: number; others: number }

/** Processor time of a process so far, by the kind of thread; ms. */
function threadsOf(pid: number): Threads {
  const sum: Threads = { main: 0, pool: 0, others: 0 }
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    const kind = Number(thread) === pid ? 'main' : stat.includes('(libuv-worker') ? 'pool' : 'others'
    sum[kind] += parseCpuMs(stat)
  }
  return sum
}

const difference = (before: Threads, after: Threads): Threads => ({
  main: after.main - before.main,
  pool: after.pool - before.pool,
  others: after.others - before.others,
})

/** Shares of the main thread and times of all threads, as shares of the process. Pure. */
export function together(
  ofMain: Record<Part, number>,
  { main, pool, others }: Threads,
): Record<Part, number> {
  const whole = main + pool + others
  const scaled = Object.entries(ofMain).map(([part, share]) => [part, (share * main) / whole])
  const all = Object.fromEntries(scaled) as Record<Part, number>
  return { ...all, bcrypt: all.bcrypt + pool / whole, Node: all.Node + others / whole }
}
