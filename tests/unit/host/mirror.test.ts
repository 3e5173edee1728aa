import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMirror } from '../../../scripts/host/mirror.ts'

describe('the mirror of a host', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'apt-'))
    mkdirSync(join(folder, 'sources.list.d'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const source = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const stanza = (uri: string) => `Types: deb\nURIs: ${uri}\nSuites: bookworm\nComponents: main\n`

  it('is found in a folder of sources, whichever format they have', () => {
    source('sources.list.d/tool.list', 'deb http://tool.example/apt nodistro main\n')
    source('sources.list.d/debian.sources', stanza('http://mirror.example/debian'))
    source('sources.list.d/debian.sources.disabled', stanza('http://other.example/debian'))
    expect(readMirror(folder).uri).toBe('http://mirror.example/debian')
  })

  it('is found in the old single file', () => {
    source('sources.list', 'deb http://mirror.example/debian trixie main\n')
    expect(readMirror(folder).uri).toBe('http://mirror.example/debian')
  })

  it('is the first of the list that a cloud image points to', () => {
    source('debian.list', 'https://cloud.example/debian\n')
    source('sources.list.d/debian.sources', stanza(`mirror+file://${join(folder, 'debian.list')}`))
    expect(readMirror(folder).uri).toBe('https://cloud.example/debian')
  })

  it('is missed with a clear error elsewhere', () => {
    source('sources.list', 'deb http://mirror.example/ubuntu noble main\n')
    expect(() => readMirror(folder)).toThrow(/no Debian mirror/)
  })
})
