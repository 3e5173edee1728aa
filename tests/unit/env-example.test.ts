import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readEnv, schema } from '../../apps/core/env.ts'
import { parseEnvFile } from '../../scripts/settings/env-file.ts'

const example = readFileSync('.env.api.example', 'utf8')
/** A line that begins with `#NAME=` shows a default; both kinds document the variable. */
const documented = new Set([...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name as string))

/** Compose, the image and PM2 set these; nobody writes them into .env.api. */
const setElsewhere = (description = ''): boolean => /\(set by [^)]+\)$/.test(description)
const wanted = Object.entries(schema.shape).filter(([, field]) => !setElsewhere(field.description))
/** Compose takes it from WEB_CONCURRENCY in .env. */
const ofStack = new Set(['WEB_CONCURRENCY'])

describe('.env.api.example', () => {
  it('explains every variable that the application reads', () => {
    const names = wanted.map(([name]) => name).filter((name) => !ofStack.has(name))
    expect(names.filter((name) => !documented.has(name))).toEqual([])
  })
  it('names no variable that the application does not read', () => {
    expect([...documented].filter((name) => !(name in schema.shape))).toEqual([])
  })
  it('is a valid environment as it stands', () => {
    expect(() => readEnv(parseEnvFile(example))).not.toThrow()
  })
  it('shows defaults as they are', () => {
    const shown = Object.fromEntries(
      [...example.matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    )
    const read = readEnv(parseEnvFile(example)) as Record<string, unknown>
    for (const [name, value] of Object.entries(shown)) expect(String(read[name]), name).toBe(value)
  })
})
