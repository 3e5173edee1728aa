import { describe, expect, it } from 'vitest'
import { debianMirror, firstMirror, parseDeb822Sources, parseListSources } from '../../../scripts/host/apt.ts'

const LIST = `
# deb http://old.example/debian bullseye main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/keys/tool.gpg] https://tool.example/apt stable main
deb http://security.example/debian-security bookworm-security main
deb [signed-by=/usr/share/keyrings/own.gpg] http://mirror.example/debian/ bookworm main contrib # ours
`

const DEB822 = `# written by the installer
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie
 trixie-updates
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: sid
Components: main

Types: deb
URIs: http://security.example/debian-security
Suites: trixie-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 bWFkZSB1cA==
 -----END PGP PUBLIC KEY BLOCK-----
`

describe('one-line sources', () => {
  it('leave out comments and source packages', () => {
    expect(parseListSources(LIST).map(({ uris }) => uris[0])).toEqual([
      'https://tool.example/apt',
      'http://security.example/debian-security',
      'http://mirror.example/debian/',
    ])
  })

  it('keep the keyring, suite and components', () => {
    expect(parseListSources(LIST).at(-1)).toEqual({
      uris: ['http://mirror.example/debian/'],
      suites: ['bookworm'],
      components: ['main', 'contrib'],
      signedBy: '/usr/share/keyrings/own.gpg',
    })
  })

  it('of a flat repository have no components', () => {
    expect(parseListSources('deb http://flat.example/packages ./')[0]?.components).toEqual([])
  })
})

describe('deb822 sources', () => {
  it('join continuation lines and skip disabled stanzas', () => {
    const sources = parseDeb822Sources(DEB822)
    expect(sources).toHaveLength(2)
    expect(sources[0]).toEqual({
      uris: ['http://mirror.example/debian'],
      suites: ['trixie', 'trixie-updates'],
      components: ['main', 'non-free-firmware'],
      signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    })
  })

  it('have no keyring path when the key is written inline', () => {
    expect(parseDeb822Sources(DEB822)[1]?.signedBy).toBeUndefined()
  })

  it('read fields whatever their case', () => {
    const [source] = parseDeb822Sources(
      'types: deb\nuris: http://m.example/debian\nsuites: sid\ncomponents: main',
    )
    expect(source?.suites).toEqual(['sid'])
  })
})

describe('the Debian mirror', () => {
  it('is the archive, not a third party that also calls its suite stable', () => {
    expect(debianMirror(parseListSources(LIST))).toEqual({
      uri: 'http://mirror.example/debian',
      signedBy: '/usr/share/keyrings/own.gpg',
    })
  })

  it('is vouched for by the archive keyring when the source names none', () => {
    expect(debianMirror(parseListSources('deb http://m.example/debian sid main'))?.signedBy).toBe(
      '/usr/share/keyrings/debian-archive-keyring.gpg',
    )
  })

  it('is absent on another distribution', () => {
    expect(debianMirror(parseListSources('deb http://m.example/ubuntu noble main'))).toBeUndefined()
  })

  it('may stand in a list of mirrors', () => {
    const list = '# near\nhttps://near.example/debian/\tpriority:1\nhttp://far.example/debian\n'
    expect(firstMirror(list)).toBe('https://near.example/debian')
    expect(firstMirror('# none\n')).toBeUndefined()
  })
})
