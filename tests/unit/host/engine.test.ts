import { describe, expect, it } from 'vitest'
import { ensureEngine } from '../../../scripts/host/engine.ts'
import { type HostFacts, parseInfo } from '../../../scripts/host/facts.ts'
import type { Progress } from '../../../scripts/output/progress.ts'
import { display, type Runner } from '../../../scripts/run.ts'
import { complete } from './facts.ts'

const journal = () => {
  const commands: string[] = []
  const notes: string[] = []
  const runner: Runner = {
    dry: false,
    async run(command) {
      commands.push(display(command))
      return { code: 0, stdout: '', stderr: '' }
    },
  }
  const progress: Progress = { step: (_, run) => run(() => {}), note: (text) => void notes.push(text) }
  return { commands, notes, runner, progress }
}

/** Answers with one description of the host after the other. */
const host = (...states: HostFacts[]) => {
  let asked = 0
  return async () => states[Math.min(asked++, states.length - 1)] as HostFacts
}

describe('ensuring the engine', () => {
  it('runs nothing and says so where everything is in place', async () => {
    const { commands, notes, runner, progress } = journal()
    expect(await ensureEngine({ runner, progress, install: true, look: host(complete) })).toBe('28.5.2')
    expect(commands).toEqual([])
    expect(notes).toEqual(['Docker Engine 28.5.2 is already running'])
  })

  it('starts a stopped engine and looks again', async () => {
    const stopped: HostFacts = {
      ...complete,
      server: undefined,
      dockerd: { path: '/usr/sbin/dockerd', version: '28.5.2' },
    }
    const { commands, runner, progress } = journal()
    await ensureEngine({ runner, progress, install: true, look: host(stopped, complete) })
    expect(commands).toEqual([
      'systemctl enable --now docker.service',
      "docker version --format '{{.Server.Version}}'",
    ])
  })

  it('does not call a half installation a success', async () => {
    const { runner, progress } = journal()
    const lame = { ...complete, standaloneCompose: false }
    await expect(ensureEngine({ runner, progress, install: true, look: host(lame) })).rejects.toThrow(
      /still incomplete/,
    )
  })

  it('changes nothing when it may not install', async () => {
    const { commands, runner, progress } = journal()
    const lame = { ...complete, standaloneCompose: false }
    await expect(ensureEngine({ runner, progress, install: false, look: host(lame) })).rejects.toThrow(
      /--no-install/,
    )
    expect(commands).toEqual([])
  })
})

describe('what `docker info` says', () => {
  const plugins = [{ Name: 'compose', Path: '/p/docker-compose', Version: '2.40.3' }]

  it('describes client and engine', () => {
    const text = JSON.stringify({
      ServerVersion: '28.5.2',
      Containers: 4,
      ClientInfo: { Version: '28.2.2', Plugins: plugins },
    })
    expect(parseInfo(text)).toEqual({
      client: '28.2.2',
      server: { version: '28.5.2', containers: 4 },
      compose: { path: '/p/docker-compose', version: '2.40.3' },
      buildx: undefined,
    })
  })

  it('describes the client alone when no engine answers', () => {
    const text = JSON.stringify({ ServerErrors: ['cannot connect'], ClientInfo: { Version: '28.2.2' } })
    expect(parseInfo(text)).toMatchObject({ client: '28.2.2', server: undefined })
  })

  it('is nothing without a client', () => {
    expect(parseInfo('').client).toBeUndefined()
  })
})
