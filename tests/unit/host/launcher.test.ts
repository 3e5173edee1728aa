import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const LAUNCHER = join(import.meta.dirname, '../../../ecomweb')

/** A checkout whose `node` and `npm` are scripts: they print what they were asked, and do what npm would. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'launcher-'))
  readonly root = join(this.folder, 'checkout')
  private system = '/usr/bin:/bin'

  constructor(nodeVersion: string) {
    this.file('checkout/package.json', '{}')
    this.file('checkout/package-lock.json', '{"lock":1}')
    this.file('checkout/prisma/schema.prisma', 'model A {}')
    this.program(
      'node',
      `[ "$1" = --version ] && echo ${nodeVersion} && exit
      case $1 in *prisma*) mkdir -p prisma/generated && echo generated >&2; exit ;; esac
      echo "node $* lock=\${ECOMWEB_LOCK_FD:-none}"`,
    )
    // What `npm install` leaves behind is a node that fits.
    this.program(
      'npm',
      `echo "npm $*" >&2
      case $1 in
        ci) grep -q broken package-lock.json && exit 1; mkdir -p node_modules ;;
        install) while [ "$1" != --prefix ]; do shift; done
          mkdir -p "$2/node_modules/.bin" && sed 's/${nodeVersion}/v24.0.0/' "$(command -v node)" > "$2/node_modules/.bin/node"
          chmod +x "$2/node_modules/.bin/node" ;;
      esac`,
    )
    copyFileSync(LAUNCHER, join(this.root, 'ecomweb'))
  }

  file(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  private program(name: string, text: string): void {
    this.file(`bin/${name}`, `#!/bin/sh\n${text}\n`)
    chmodSync(join(this.folder, 'bin', name), 0o755)
  }

  /** Puts everything in place that a first run would install. */
  prepare(): this {
    this.file('checkout/node_modules/.ecomweb-lock', '{"lock":1}')
    this.file('checkout/prisma/generated/.schema', 'model A {}')
    return this
  }

  /** Takes npm away; `apt-get` brings it back, and says at first what `refusals` are. */
  withoutNpm(refusals: string[]): this {
    const absent = join(this.folder, 'absent')
    mkdirSync(absent)
    renameSync(join(this.folder, 'bin/npm'), join(absent, 'npm'))
    this.file('absent/refusals', refusals.map((line) => `${line}\n`).join(''))
    this.program(
      'apt-get',
      `if said=$(head -n 1 ${absent}/refusals | grep .); then
        sed -i 1d ${absent}/refusals; echo "$said" >&2; exit 100
      fi
      case $* in *npm) ln -s ${absent}/npm ${this.folder}/bin/npm ;; esac`,
    )
    this.program('sleep', 'echo "$*" >> "$0.log"')
    // What the host has, but for an npm of its own.
    const system = join(this.folder, 'system')
    mkdirSync(system)
    for (const name of readdirSync('/usr/bin').filter((name) => name !== 'npm'))
      symlinkSync(join('/usr/bin', name), join(system, name))
    this.system = system
    return this
  }

  private get env() {
    return { PATH: `${join(this.folder, 'bin')}:${this.system}`, XDG_CACHE_HOME: join(this.folder, 'cache') }
  }

  run(args: string[], program = join(this.root, 'ecomweb')) {
    return spawnSync(program, args, { cwd: '/', env: this.env, encoding: 'utf8' })
  }

  start(args: string[]) {
    return spawn(join(this.root, 'ecomweb'), args, { cwd: '/', env: this.env })
  }
}

let checkout: Checkout
afterEach(() => rmSync(checkout.folder, { recursive: true, force: true }))

describe('a checkout that is prepared', () => {
  beforeEach(() => {
    checkout = new Checkout('v24.1.0').prepare()
  })

  it('starts the kit at once, from any folder, saying nothing itself', () => {
    const { status, stdout, stderr } = checkout.run(['status', '--json'])
    expect(status).toBe(0)
    expect(stdout).toBe(
      `node --disable-warning=ExperimentalWarning ${checkout.root}/scripts/main.ts status --json lock=none\n`,
    )
    expect(stderr).toBe('')
  })

  it('is found behind symbolic links', () => {
    symlinkSync('../checkout/ecomweb', join(checkout.folder, 'bin/first'))
    symlinkSync(join(checkout.folder, 'bin/first'), join(checkout.folder, 'second'))
    expect(checkout.run(['version'], join(checkout.folder, 'second')).stdout).toContain(
      `${checkout.root}/scripts/main.ts version`,
    )
  })

  it.each(['up', 'down', 'switch', 'deploy', 'rollback', 'migrate deploy', 'migrate resolve'])(
    'locks for %s, and says who holds the lock',
    (verb) => {
      expect(checkout.run(verb.split(' ')).stdout).toContain('lock=9')
      const owner = readFileSync(join(checkout.root, '.ecomweb/lock.owner'), 'utf8')
      expect(owner).toContain(`command: ecomweb ${verb}`)
      expect(owner).toMatch(/pid: +\d+/)
    },
  )

  it.each([
    ['status'],
    ['logs', 'up'],
    ['deploy', '--dry-run'],
    ['switch', 'green', '--help'],
    ['migrate', 'lint'],
    ['migrate', 'contract', '--dry-run'],
    ['autoscale'],
  ])('does not lock for %s %s', (...args) => {
    expect(checkout.run(args).stdout).toContain('lock=none')
  })

  it('refuses while another command holds the lock, naming it', async () => {
    checkout.file('checkout/.ecomweb/lock', '')
    checkout.file('checkout/.ecomweb/lock.owner', '  command: ecomweb deploy\n')
    const holder = spawn('flock', [join(checkout.root, '.ecomweb/lock'), 'sh', '-c', 'echo held; read -r _'])
    await once(holder.stdout, 'data')
    const { status, stdout, stderr } = checkout.run(['switch', 'green'])
    expect(status).toBe(75)
    expect(stdout).toBe('')
    expect(stderr).toContain('command: ecomweb deploy')
    expect(stderr).toContain('--wait')
    holder.stdin.end('\n')
    await once(holder, 'close')
    expect(checkout.run(['switch', 'green', '--wait']).status).toBe(0)
  })

  it('waits by itself while workers are added or stopped, which is over in a moment', async () => {
    checkout.file('checkout/.ecomweb/lock', '')
    checkout.file('checkout/.ecomweb/lock.owner', '  command: ecomweb autoscale\n')
    const holder = spawn('flock', [join(checkout.root, '.ecomweb/lock'), 'sh', '-c', 'echo held; read -r _'])
    await once(holder.stdout, 'data')
    const deploy = checkout.start(['deploy'])
    const [said] = (await once(deploy.stderr, 'data')) as [Buffer]
    expect(said.toString()).toContain('another command is changing the stack')
    holder.stdin.end('\n')
    const [[started], [status]] = await Promise.all([once(deploy.stdout, 'data'), once(deploy, 'close')])
    expect([String(started), status]).toEqual([expect.stringContaining('lock=9'), 0])
  })
})

describe('a checkout that is fresh', () => {
  beforeEach(() => {
    checkout = new Checkout('v24.1.0')
  })

  it('is prepared once: dependencies, then the client, with the reasons', () => {
    const first = checkout.run(['version'])
    expect(first.stderr).toMatch(
      /running npm ci[\s\S]*npm ci --ignore-scripts[\s\S]*Prisma client[\s\S]*generated/,
    )
    expect(first.stdout).toContain('main.ts version')
    expect(checkout.run(['version']).stderr).toBe('')
  })

  it('is prepared again when the lock file changes', () => {
    checkout.run(['version'])
    checkout.file('checkout/package-lock.json', '{"lock":2}')
    expect(checkout.run(['version']).stderr).toContain('npm ci')
  })

  it('keeps what it has when installing fails', () => {
    checkout.run(['version'])
    checkout.file('checkout/node_modules/kept', '')
    checkout.file('checkout/package-lock.json', '{"lock":"broken"}')
    expect(checkout.run(['version']).status).not.toBe(0)
    expect(existsSync(join(checkout.root, 'node_modules/kept'))).toBe(true)
  })

  it('stays as it is with --no-install, which names the command', () => {
    const { status, stderr } = checkout.run(['up', '--no-install'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/--no-install forbids[\s\S]* npm ci --ignore-scripts/)
    expect(existsSync(join(checkout.root, 'node_modules'))).toBe(false)
  })
})

describe('a host with another Node', () => {
  beforeEach(() => {
    checkout = new Checkout('v20.9.0').prepare()
  })

  it('gets the pinned one into the cache, and uses it from then on', () => {
    const first = checkout.run(['version'])
    expect(first.stderr).toMatch(/needs Node 24 and this host has v20\.9\.0: fetching node-linux-\w+@24\./)
    expect(first.stdout).toContain('main.ts version')
    expect(checkout.run(['version']).stderr).toBe('')
  })

  it('is left alone with --no-install', () => {
    const { status, stderr } = checkout.run(['version', '--no-install'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/npm install .*node-linux-\w+@24\.[\d.]+ npm@/)
  })

  it('that also lacks npm waits for a program that has apt’s locks', () => {
    const locked = 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)'
    checkout.withoutNpm([locked, locked])
    const { status, stdout, stderr } = checkout.run(['version'])
    expect(stderr.match(/waiting for another program that installs packages: .*/g)).toEqual([
      `waiting for another program that installs packages: ${locked}`,
    ])
    expect([status, stdout]).toEqual([0, expect.stringContaining('main.ts version')])
    expect(readFileSync(join(checkout.folder, 'bin/sleep.log'), 'utf8')).toBe('2\n2\n')
  })

  it('that also lacks npm is told at once why apt cannot install it', () => {
    checkout.withoutNpm(['E: Unable to locate package npm'])
    const { status, stderr } = checkout.run(['version'])
    expect([status, stderr]).toEqual([1, expect.stringContaining('Unable to locate package npm')])
    expect(existsSync(join(checkout.folder, 'bin/sleep.log'))).toBe(false)
  })
})
