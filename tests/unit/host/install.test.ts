import { describe, expect, it } from 'vitest'
import { daemonCommand, systemdCommands, unitText } from '../../../scripts/host/daemon.ts'
import {
  aptInstall,
  downloadCommands,
  enginePath,
  linkCommands,
  privateApt,
} from '../../../scripts/host/install.ts'
import { planEngine } from '../../../scripts/host/plan.ts'
import { refusal } from '../../../scripts/host/refusal.ts'
import { display } from '../../../scripts/run.ts'
import { bare, complete } from './facts.ts'

const mirror = { uri: 'http://mirror.example/debian', signedBy: '/usr/share/keyrings/archive.gpg' }
const DAEMON = '/opt/ecomweb/engine/28.5.2/usr/sbin/dockerd'

describe('downloading an engine', () => {
  const commands = downloadCommands('/build', '/root', mirror)

  it('uses an apt configuration of its own for every apt command', () => {
    const apt = commands.filter(({ file }) => file === 'apt-get')
    expect(apt.map(({ env }) => env)).toEqual([
      { APT_CONFIG: '/build/apt.conf' },
      { APT_CONFIG: '/build/apt.conf' },
    ])
    expect(privateApt('/build')).toContain('Dir::State::lists "/build/lists"')
    expect(privateApt('/build')).toContain('Dir::Etc::sourceparts "/dev/null"')
  })

  it('reads the host’s mirror and keeps signatures checked', () => {
    const text = commands.map(display).join('\n')
    expect(text).toContain(
      'deb [signed-by=/usr/share/keyrings/archive.gpg] http://mirror.example/debian sid main',
    )
    expect(text).not.toMatch(/allow-unauthenticated|trusted=yes/i)
  })

  it('leaves runc to the host', () => {
    const download = commands.find(({ args }) => args.includes('download'))
    expect(download?.args).toContain('docker.io')
    expect(download?.args).toContain('tini-static')
    expect(download?.args).not.toContain('runc')
    expect(display(aptInstall(['runc'])[1] ?? { file: '', args: [] })).toBe(
      'DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends runc',
    )
  })
})

describe('linking', () => {
  it('makes only the links that are asked for', () => {
    expect(linkCommands(['buildx'], '/engine').map(({ args }) => args.slice(-2))).toEqual([
      ['-p', '/usr/local/lib/docker/cli-plugins'],
      [
        '/engine/usr/libexec/docker/cli-plugins/docker-buildx',
        '/usr/local/lib/docker/cli-plugins/docker-buildx',
      ],
    ])
  })

  it('points docker-compose to the plugin that the client uses', () => {
    expect(linkCommands(['docker-compose'], '', '/there/docker-compose').at(-1)?.args.slice(-2)).toEqual([
      '/there/docker-compose',
      '/usr/local/bin/docker-compose',
    ])
  })

  it('keeps a client that it replaces', () => {
    expect(linkCommands(['docker'], '/engine').at(-1)?.args).toContain('--suffix=.before-ecomweb')
  })
})

describe('starting', () => {
  it('puts what was unpacked before the host’s own programs', () => {
    expect(enginePath(DAEMON, '/usr/bin')).toBe(
      '/opt/ecomweb/engine/28.5.2/usr/bin:/opt/ecomweb/engine/28.5.2/usr/sbin:/usr/bin',
    )
    expect(daemonCommand(DAEMON).env?.PATH).toMatch(/^\/opt\/ecomweb\/engine\/28\.5\.2\/usr\/bin:/)
  })

  it('enables a unit of its own for an engine of its own', () => {
    const text = systemdCommands(DAEMON).map(display)
    expect(text[0]).toContain('/etc/systemd/system/ecomweb-docker.service')
    expect(text.at(-1)).toBe('systemctl enable --now ecomweb-docker.service')
    expect(unitText(DAEMON)).toContain(`ExecStart=${DAEMON}`)
    expect(unitText(DAEMON)).toContain('KillMode=process')
  })

  it('enables the unit of the distribution for the distribution’s engine', () => {
    expect(systemdCommands('/usr/sbin/dockerd').map(display)).toEqual([
      'systemctl enable --now docker.service',
    ])
  })
})

describe('a refusal', () => {
  it('names every command that a bare host needs, in order', () => {
    const { next = '' } = refusal(planEngine(bare), bare, () => mirror)
    const order = ['install -qq -y', 'download -qq', 'dpkg -x', 'cli-plugins/docker-compose', 'dockerd >>']
    const found = order.map((part) => next.indexOf(part))
    expect(found.every((position) => position >= 0)).toBe(true)
    expect(found).toEqual([...found].sort((a, b) => a - b))
  })

  it('names one command where one is enough', () => {
    const stopped = {
      ...complete,
      server: undefined,
      dockerd: { path: '/usr/sbin/dockerd', version: '28.5.2' },
    }
    expect(
      refusal(planEngine(stopped), stopped, () => mirror)
        .next?.split('\n')
        .slice(1),
    ).toEqual(['systemctl enable --now docker.service'])
  })
})
