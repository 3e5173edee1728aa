import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { KitError } from '../errors.ts'
import {
  type AptSource,
  debianMirror,
  firstMirror,
  type Mirror,
  parseDeb822Sources,
  parseListSources,
} from './apt.ts'

/** The Debian mirror that this host's own apt uses; an error on a host without one. */
export function readMirror(folder = '/etc/apt'): Mirror {
  const mirror = debianMirror(readSources(folder))
  const list = /^mirror\+file:\/*(\/.*)$/.exec(mirror?.uri ?? '')?.[1]
  const uri = list ? existsSync(list) && firstMirror(readFileSync(list, 'utf8')) : mirror?.uri
  if (mirror && uri) return { ...mirror, uri }
  throw new KitError('no Debian mirror in the apt sources of this host', {
    why: 'What cannot be pulled from a container registry is built from Debian packages.',
    next: 'run ecomweb on Debian, or on a host with Docker Engine 25 or newer that can pull images.',
  })
}

function readSources(folder: string): AptSource[] {
  const parts = `${folder}/sources.list.d`
  const files = [`${folder}/sources.list`]
  if (existsSync(parts)) files.push(...readdirSync(parts).map((name) => `${parts}/${name}`))
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8')
      if (file.endsWith('.sources')) return parseDeb822Sources(text)
      return file.endsWith('.list') ? parseListSources(text) : []
    })
}
