import { spawn } from 'node:child_process'

export type Outcome = { code: number; stdout: string; stderr: string }

export type RunOptions = {
  cwd?: string
  /** Added to a clean environment; the variables of the test runner and of a calling stack are left out. */
  env?: Record<string, string>
  input?: string
  /** Reject on a non-zero exit code (default true). */
  check?: boolean
  /** Kill the process after this time (default 15 minutes), so that no test hangs for ever. */
  timeoutMs?: number
}

/** What must not leak from the test runner, or from an operator's shell, into the stack under test. */
const FOREIGN =
  /^(ECOMWEB_|COMPOSE_|VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|SSR$|MODE$|BASE_URL$|API_|HTTP_PORT$|STATS_PORT$|BACKGROUND_IMAGE$|WORKER_|WEB_CONCURRENCY$)/

const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)))

/** Runs a program to its end. */
export const run = (file: string, args: string[], options: RunOptions = {}): Promise<Outcome> =>
  start(file, args, options).ended

/** Starts a program; what it prints comes with its end. */
export function start(
  file: string,
  args: string[],
  options: RunOptions = {},
): { pid: number; ended: Promise<Outcome> } {
  const { cwd, env = {}, input, check = true, timeoutMs = 900_000 } = options
  const child = spawn(file, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<Outcome>((resolve, reject) => {
    const outcome: Outcome = { code: 0, stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      outcome.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      outcome.stderr += text
    })
    if (input !== undefined) child.stdin?.end(input)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      outcome.code = code ?? 137
      if (signal) outcome.stderr += `ended by ${signal}\n`
      if (check && outcome.code !== 0) reject(new Error(describe(file, args, outcome)))
      else resolve(outcome)
    })
  })
  return { pid: child.pid ?? 0, ended }
}

/** Starts a program that does not end by itself and resolves with the first text that matches. */
export function firstOutput(file: string, args: string[], wanted: RegExp, options: RunOptions = {}) {
  const { cwd, env = {}, timeoutMs = 30_000 } = options
  return new Promise<string>((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    let seen = ''
    const look = (text: string): void => {
      seen += text
      if (!wanted.test(seen)) return
      resolve(seen)
      child.kill('SIGKILL')
    }
    child.stdout.setEncoding('utf8').on('data', look)
    child.stderr.setEncoding('utf8').on('data', look)
    child.once('error', reject)
    child.once('close', () =>
      reject(new Error(`${file} ${args.join(' ')} never printed ${wanted}:\n${seen}`)),
    )
  })
}

export const describe = (file: string, args: string[], { code, stdout, stderr }: Outcome): string =>
  [`${[file, ...args].join(' ')} exited ${code}`, stdout.slice(-4000), stderr.slice(-4000)].join('\n')
