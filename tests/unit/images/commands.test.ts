import { describe, expect, it } from 'vitest'
import {
  bootstrapCommand,
  buildCommand,
  importCommand,
  packCommand,
} from '../../../scripts/images/commands.ts'
import { display } from '../../../scripts/run.ts'

describe('a build', () => {
  it('is a plain `docker build` of a folder', () => {
    expect(display(buildCommand({ tag: 'a:1', dockerfile: '/a/Dockerfile', context: '/a' }))).toBe(
      'docker build --progress=plain --tag=a:1 --file=/a/Dockerfile /a',
    )
  })

  it('carries target, labels, arguments and secrets, the folder last', () => {
    const { args } = buildCommand({
      tag: 'a:1',
      dockerfile: '/a/Dockerfile',
      context: '/a',
      target: 'server',
      labels: ['x=y'],
      args: { MIRROR: 'http://mirror.example/debian' },
      passed: ['HTTPS_PROXY'],
      secrets: [{ id: 'ca', file: '/etc/ca.crt' }],
    })
    expect(args.slice(4)).toEqual([
      '--target=server',
      '--label=x=y',
      '--build-arg=MIRROR=http://mirror.example/debian',
      '--build-arg=HTTPS_PROXY',
      '--secret=id=ca,src=/etc/ca.crt',
      '/a',
    ])
  })
})

describe('a minimal Debian', () => {
  it('comes from the mirror of the host, checked with its keyring', () => {
    const { file, args } = bootstrapCommand('trixie', '/t/root.tar', {
      uri: 'http://mirror.example/debian',
      signedBy: '/keys/archive.gpg',
    })
    expect(file).toBe('mmdebstrap')
    expect(args).toContain('--keyring=/keys/archive.gpg')
    expect(args.slice(-3)).toEqual(['trixie', '/t/root.tar', 'http://mirror.example/debian'])
  })

  it('is labelled as a stand-in when it is imported', () => {
    expect(importCommand('/t/root.tar', 'debian:trixie-slim').args).toContain('LABEL ecomweb.standin=true')
  })
})

it('npm packages are fetched without running anything of theirs', () => {
  expect(packCommand(['npm@11.19.1'], '/t').args).toEqual([
    'pack',
    '--silent',
    '--ignore-scripts',
    '--pack-destination=/t',
    'npm@11.19.1',
  ])
})
