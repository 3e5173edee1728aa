import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, send } from '../../load/http.ts'
import { type Outcome, type RunOptions, run } from './process.ts'

export type Colour = 'blue' | 'green'
export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

/** Where a test stack is; handed from the set-up to the test files. */
export type StackInfo = {
  folder: string
  name: string
  httpPort: number
  statsPort: number
  bluePort: number
  greenPort: number
  /** Of this host, for a web client that comes from elsewhere than the API. */
  webPort: number
  adminPassword: string
}

export type Step = { step: string; status: string; ms?: number }
export type DeployReport = {
  code: number
  steps: Step[]
  last: { result?: string; colour?: Colour; image?: string; ms?: number; error?: unknown } & Record<
    string,
    unknown
  >
  output: string
}
export type SwitchReport = {
  ok: boolean
  from: Colour
  to: Colour
  commit_ms: number
  moved_ms: number
  wall_ms: number
}
export type Check = { name: string; ok: boolean; detail?: string }
export type Status = {
  ok: boolean
  active: Colour
  checks: Check[]
  colours: Record<Colour, { image: string; age_s: number; ready: boolean } & Record<string, unknown>>
  drift: unknown[]
}

const lastLine = <T>(lines: string): T => JSON.parse(lines.trim().split('\n').at(-1) ?? '') as T

/** One running stack and everything a test does with it, as a user would: by commands and by HTTP. */
export class Stack {
  readonly info: StackInfo

  constructor(info: StackInfo) {
    this.info = info
  }

  get url(): string {
    return `http://127.0.0.1:${this.info.httpPort}`
  }

  /** The port at which the host reaches a colour directly. */
  directUrl(colour: Colour): string {
    return `http://127.0.0.1:${colour === 'blue' ? this.info.bluePort : this.info.greenPort}`
  }

  /** The name of a container: `container('cron')`. */
  container(part: string): string {
    return `${this.info.name}_${part}`
  }

  file(path: string): string {
    return join(this.info.folder, path)
  }

  ecomweb(args: string[], options: RunOptions = {}): Promise<Outcome> {
    return run('./ecomweb', args, { cwd: this.info.folder, ...options })
  }

  compose(args: string[], options: RunOptions = {}): Promise<Outcome> {
    return run('docker', ['compose', ...args], { cwd: this.info.folder, ...options })
  }

  docker(args: string[], options: RunOptions = {}): Promise<Outcome> {
    return run('docker', args, options)
  }

  /** A line of shell in the stack's folder, for commands that must be run exactly as they are written down. */
  shell(line: string, options: RunOptions = {}): Promise<Outcome> {
    return run('bash', ['-c', line], { cwd: this.info.folder, ...options })
  }

  /** Runs SQL as the superuser and returns psql's unadorned output. */
  async sql(statement: string): Promise<string> {
    const psql =
      'PGPASSWORD=$POSTGRES_PASSWORD exec psql -h 127.0.0.1 -U postgres -d ecomweb -qAt -v ON_ERROR_STOP=1'
    const { stdout } = await this.docker(['exec', '-i', this.container('postgres'), 'sh', '-c', psql], {
      input: statement,
    })
    return stdout.trim()
  }

  /** The rows of a query. */
  async rows<T>(query: string): Promise<T[]> {
    return JSON.parse(
      await this.sql(`SELECT coalesce(json_agg(found), '[]') FROM (${query}) AS found;`),
    ) as T[]
  }

  /** One GET through the edge, over a connection of its own. */
  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return send(new URL(this.url + path), { headers, timeoutMs: 10_000 })
  }

  /** The JSON that the edge answers, whatever the status. */
  async api<T>(path: string): Promise<T> {
    return JSON.parse((await this.get(path)).body.toString('utf8')) as T
  }

  /** One GET of a certain colour through the edge, active or not. */
  preview(colour: Colour, path: string): Promise<Answer> {
    const token = readFileSync(this.file('haproxy/state/preview.token'), 'utf8').trim()
    return this.get(path, { 'x-ecomweb-preview': token, 'x-ecomweb-colour': colour })
  }

  /** The colour that answers users now. */
  async active(): Promise<Colour> {
    return (await this.get('/health')).servedBy as Colour
  }

  async switchTo(colour: Colour): Promise<SwitchReport> {
    return lastLine((await this.ecomweb(['switch', colour, '--json'])).stdout)
  }

  async rollback(): Promise<SwitchReport> {
    return lastLine((await this.ecomweb(['rollback', '--json'])).stdout)
  }

  async status(): Promise<Status> {
    return JSON.parse((await this.ecomweb(['status', '--json'], { check: false })).stdout) as Status
  }

  /** A deploy reports its steps whether it succeeds or not; by default it sends all users to the image at once. */
  async deploy(image: string, flags = ['--canary', 'none', '--soak', '0']): Promise<DeployReport> {
    const args = ['deploy', image, ...flags, '--yes', '--json']
    const { code, stdout, stderr } = await this.ecomweb(args, { check: false })
    const lines = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    return {
      code,
      steps: lines.filter((line) => 'step' in line) as unknown as Step[],
      last: (lines.at(-1) ?? {}) as DeployReport['last'],
      output: stdout + stderr,
    }
  }

  /** What the engine knows of a container, by a Go template. */
  async inspect(container: string, template: string): Promise<string> {
    return (await this.docker(['inspect', '--format', template, container])).stdout.trim()
  }

  /** The value of a variable in `.env`. */
  setting(name: string): string | undefined {
    const text = existsSync(this.file('.env')) ? readFileSync(this.file('.env'), 'utf8') : ''
    return new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.replace(/^(["'])(.*)\1$/, '$2')
  }

  /** Sets a variable in `.env`, as an operator with an editor would. */
  edit(name: string, value: string): void {
    const text = readFileSync(this.file('.env'), 'utf8')
    const line = `${name}=${value}`
    const pattern = new RegExp(`^${name}=.*$`, 'm')
    writeFileSync(this.file('.env'), pattern.test(text) ? text.replace(pattern, line) : `${text}\n${line}\n`)
  }

  /** Sets a wait or deadline under `x-ecomweb:` in this stack's copy of the Compose file; returns the old one. */
  editKitSetting(name: string, value: string): string {
    const path = this.file('docker-compose.yml')
    const text = readFileSync(path, 'utf8')
    const pattern = new RegExp(`^( {2,4}${name}: )(\\S+)`, 'm')
    const before = pattern.exec(text)?.[2]
    if (before === undefined) throw new Error(`docker-compose.yml has no x-ecomweb.${name}`)
    writeFileSync(
      path,
      text.replace(pattern, (_, key: string) => key + value),
    )
    return before
  }
}
