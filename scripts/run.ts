import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { KitError } from './errors.ts'
import { redact } from './settings/secrets.ts'

/** A process to start, as data: built by pure functions, executed only here. No shell is involved. */
export type Command = {
  file: string
  args: string[]
  env?: Record<string, string>
  cwd?: string
  input?: string
}

export type Result = { code: number; stdout: string; stderr: string }

export type RunOptions = {
  /** Throw `CommandFailed` on a non-zero exit (default true). */
  check?: boolean
  /** `inherit` hands over the terminal; a function gets each line of both streams as it arrives. */
  stream?: 'inherit' | ((line: string) => void)
  /** Milliseconds until the process is killed and its output no longer waited for; none by default. */
  timeoutMs?: number
}

export interface Runner {
  run(command: Command, options?: RunOptions): Promise<Result>
  /** True when nothing is really executed. */
  readonly dry: boolean
}

/** A command ended with a non-zero exit code, or could not be started (code 127). */
export class CommandFailed extends KitError {
  readonly result: Result

  constructor(command: Command, result: Result) {
    const tail = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-15).join('\n')
    super(`\`${display(command)}\` failed with exit code ${result.code}`, {
      why: redact(tail),
      next: 'VERBOSE=1 ./ecomweb … shows every command; ./ecomweb status shows where things stand',
    })
    this.name = 'CommandFailed'
    this.result = result
  }
}

/** The command as a person would type it, with secrets replaced. */
export const display = (command: Command): string =>
  redact(
    [
      ...Object.entries(command.env ?? {}).map(([key, value]) => `${key}=${quote(value)}`),
      ...[command.file, ...command.args].map(quote),
    ].join(' '),
  )

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

export type ExecOptions = {
  verbose?: ((line: string) => void) | undefined
  /** Children get a process group of their own: Ctrl-C reaches the kit alone, which lets the running step end. */
  detached?: boolean
}

/** Runs commands for real. Children inherit the deploy lock, so an orphan of a killed kit still holds it. */
export function execRunner(options: ExecOptions = {}): Runner {
  return {
    dry: false,
    run: (command, { check = true, stream, timeoutMs } = {}) =>
      new Promise((resolve, reject) => {
        options.verbose?.(`$ ${display(command)}`)
        const pipe = stream === 'inherit' ? 'inherit' : 'pipe'
        const child = spawn(command.file, command.args, {
          cwd: command.cwd,
          env: command.env ? { ...process.env, ...command.env } : process.env,
          stdio: [stdin(command, stream), pipe, pipe, ...lockDescriptor()],
          detached: options.detached === true && stream !== 'inherit',
        })
        const result: Result = { code: 0, stdout: '', stderr: '' }
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          result.stdout += text
        })
        child.stderr?.setEncoding('utf8').on('data', (text: string) => {
          result.stderr += text
        })
        if (typeof stream === 'function') {
          for (const source of [child.stdout, child.stderr]) {
            if (source) createInterface({ input: source }).on('line', stream)
          }
        }
        if (command.input !== undefined) child.stdin?.end(command.input)
        // A process may leave children that hold the pipes open; their output is nobody's any more.
        const abandon = () => {
          for (const source of [child.stdout, child.stderr]) source?.destroy()
        }
        let late = false
        const giveUp = () => {
          late = true
          child.kill('SIGKILL')
          abandon()
        }
        const limit = timeoutMs ? setTimeout(giveUp, timeoutMs) : undefined
        child.once('exit', (_code, signal) => {
          if (signal) abandon()
        })
        child.once('error', (error) => settle(127, `${error.message}\n`))
        child.once('close', (code, signal) => {
          const reached = timeoutMs ? ` (limit ${timeoutMs} ms)` : ''
          if (signal) settle(137, `ended by ${signal}${reached}\n`)
          else if (late) settle(137, `left a process behind that keeps its output open${reached}\n`)
          else settle(code ?? 137, '')
        })
        function settle(code: number, note: string): void {
          clearTimeout(limit)
          result.code = code
          result.stderr += note
          if (check && code !== 0) reject(new CommandFailed(command, result))
          else resolve(result)
        }
      }),
  }
}

/** The dry run: prints each command instead of executing it. */
export function printRunner(print: (line: string) => void): Runner {
  return {
    dry: true,
    async run(command) {
      print(display(command))
      return { code: 0, stdout: '', stderr: '' }
    },
  }
}

/** Starts a process that outlives the kit, its output appended to `logFile`; resolves with its pid. */
export function startDaemon(command: Command, logFile: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const log = openSync(logFile, 'a', 0o600)
    const child = spawn(command.file, command.args, {
      cwd: command.cwd ?? '/',
      env: command.env ? { ...process.env, ...command.env } : process.env,
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve(child.pid as number)
    })
  })
}

const stdin = (command: Command, stream: RunOptions['stream']): 'pipe' | 'inherit' | 'ignore' => {
  if (command.input !== undefined) return 'pipe'
  return stream === 'inherit' ? 'inherit' : 'ignore'
}

const lockDescriptor = (): number[] => {
  const descriptor = Number(process.env.ECOMWEB_LOCK_FD)
  return Number.isInteger(descriptor) && descriptor > 2 ? [descriptor] : []
}
