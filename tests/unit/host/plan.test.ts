import { describe, expect, it } from 'vitest'
import { planEngine } from '../../../scripts/host/plan.ts'
import { bare, complete } from './facts.ts'

const nothing = { install: false, retire: false, start: false, links: [], reasons: [] }

describe('planning the engine', () => {
  it('does nothing where everything is in place', () => {
    expect(planEngine(complete)).toEqual(nothing)
  })

  it('installs, links and starts on a bare host', () => {
    const plan = planEngine(bare)
    expect(plan).toMatchObject({ install: true, retire: false, start: true })
    expect(plan.links).toEqual(['docker', 'compose', 'buildx', 'docker-compose'])
    expect(plan.reasons[0]).toBe('no Docker Engine 25 or newer on this host')
  })

  it('only starts an engine that is installed', () => {
    const plan = planEngine({
      ...complete,
      server: undefined,
      dockerd: { path: '/usr/sbin/dockerd', version: '28.5.2' },
    })
    expect(plan).toMatchObject({ install: false, start: true, links: [] })
    expect(plan.reasons).toEqual(['Docker Engine 28.5.2 is installed but does not run'])
  })

  it('installs beside an old engine that does not run', () => {
    const dockerd = { path: '/usr/sbin/dockerd', version: '20.10.24' }
    expect(planEngine({ ...complete, server: undefined, dockerd })).toMatchObject({
      install: true,
      start: true,
    })
  })

  it('adds what a running engine lacks without touching it', () => {
    expect(planEngine({ ...complete, buildx: undefined })).toMatchObject({
      install: true,
      start: false,
      links: ['buildx'],
    })
  })

  it('links a standalone docker-compose without any download', () => {
    expect(planEngine({ ...complete, standaloneCompose: false })).toMatchObject({
      install: false,
      start: false,
      links: ['docker-compose'],
    })
  })

  it('replaces a Compose that is too old', () => {
    const compose = { path: '/usr/libexec/docker/cli-plugins/docker-compose', version: 'v2.6.0' }
    expect(planEngine({ ...complete, compose }).links).toEqual(['compose'])
  })

  it('replaces an old engine only where systemd runs it and nothing runs on it', () => {
    const old = { ...complete, server: { version: '20.10.24', containers: 0 } }
    expect(planEngine(old)).toMatchObject({ install: true, retire: true, start: true })
    expect(() => planEngine({ ...old, systemd: false })).toThrow(/20\.10\.24 runs on this host/)
    expect(() => planEngine({ ...old, server: { version: '20.10.24', containers: 2 } })).toThrow(/20\.10\.24/)
  })

  it('needs root', () => {
    expect(() => planEngine({ ...complete, root: false })).toThrow(/needs root/)
  })

  it('starts nothing here when DOCKER_HOST points elsewhere', () => {
    const away = { ...complete, dockerHost: 'ssh://vps.example' }
    expect(planEngine(away)).toEqual(nothing)
    expect(() => planEngine({ ...away, server: undefined })).toThrow(/DOCKER_HOST=ssh:\/\/vps\.example/)
  })
})
