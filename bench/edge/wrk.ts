import { KitError } from '../../scripts/errors.ts'
import type { Runner } from '../../scripts/run.ts'

export type Load = { requests: number; perSecond: number; p99Ms: number }

/** Installs wrk from the distribution where it is missing. */
export async function ensureWrk(runner: Runner, say: (text: string) => void): Promise<void> {
  const there = await runner.run({ file: 'sh', args: ['-c', 'command -v wrk nsenter'] }, { check: false })
  if (there.code === 0) return
  say('installing the load generator wrk: apt-get install wrk')
  const install = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends wrk util-linux'
  await runner.run({ file: 'sh', args: ['-c', install] }, { timeoutMs: 300_000 })
}

/**
 * Loads 127.0.0.1:8080 from inside the network of a process: through the published port, Docker's proxy would be
 * measured instead. Errors: any answer but 2xx or 3xx.
 */
export async function load(
  runner: Runner,
  pid: number,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Load> {
  const wrk = ['wrk', '--latency', '-t1', `-c${connections}`, `-d${seconds}s`]
  const args = ['--target', String(pid), '--net', ...wrk, 'http://127.0.0.1:8080/api/products']
  const { stdout } = await runner.run({ file: 'nsenter', args }, { timeoutMs: (seconds + 30) * 1000 })
  return parseWrk(stdout)
}

/** Parses wrk's report. Errors: failed requests, or no report. */
export function parseWrk(text: string): Load {
  const failure = /(Non-2xx or 3xx responses|Socket errors): .*/.exec(text)?.[0]
  if (failure)
    throw new KitError('the load had failed requests, so it measured something else', { why: failure })
  const requests = Number(/(\d+) requests in/.exec(text)?.[1])
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
  const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(text) ?? []
  const p99Ms = Number(amount) * ({ us: 0.001, ms: 1, s: 1000 }[unit ?? ''] ?? Number.NaN)
  if (requests > 0 && perSecond > 0 && p99Ms >= 0) return { requests, perSecond, p99Ms }
  throw new KitError('wrk reported nothing', { why: text.trim() })
}
