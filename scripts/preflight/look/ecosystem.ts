/**
 * A child process of the preflight: loads ecosystem files as PM2 would, each with the environment of its container
 * and nothing of this shell. Standard input: JSON [{service, file, environment}]; standard output: JSON Processes[].
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Processes } from '../facts.ts'

type Asked = { service: string; file: string; environment: Record<string, string> }
type App = { instances?: number | string; kill_timeout?: number; env?: Record<string, string | number> }

/** PM2's own default. */
const KILL_TIMEOUT_MS = 1600

const require = createRequire(import.meta.url)
const asked = JSON.parse(readFileSync(0, 'utf8')) as Asked[]
const answers: Processes[] = asked.map(({ service, file, environment }) => {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, environment)
  for (const path of Object.keys(require.cache)) delete require.cache[path]
  const { apps } = require(file) as { apps: App[] }
  return {
    service,
    apps: apps.map(({ instances, env }) => ({
      instances: Number(instances ?? 1) || 1,
      ...(env?.DATABASE_POOL && { pool: Number(env.DATABASE_POOL) }),
    })),
    killTimeoutMs: Math.min(...apps.map(({ kill_timeout }) => kill_timeout ?? KILL_TIMEOUT_MS)),
  }
})
process.stdout.write(JSON.stringify(answers))
