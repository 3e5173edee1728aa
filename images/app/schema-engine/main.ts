#!/usr/bin/env node
/**
 * A schema engine for Prisma's command line, for hosts on which the native one cannot be downloaded.
 *
 * Prisma starts the program that PRISMA_SCHEMA_ENGINE_BINARY names and speaks JSON-RPC with it, one message a
 * line. This one drives Prisma's own engine, built as WebAssembly and shipped by npm, over the `pg` driver.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArguments } from './arguments.ts'
import { type Log, runDatabaseAction } from './database.ts'
import { startEngine } from './engine.ts'
import { answer, type Methods, type Served } from './rpc.ts'

const log: Log = (level, fields) => {
  const line = { timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' }
  process.stderr.write(`${JSON.stringify(line)}\n`)
}

/** Prisma compares the commit at the end of the package's version with its own. */
function printVersion(): void {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const { version } = JSON.parse(readFileSync(join(dirname(entry), 'package.json'), 'utf8')) as {
    version: string
  }
  console.log(`schema-engine-cli ${version.slice(version.lastIndexOf('.') + 1)}`)
}

async function serveStdin(url: string, datamodels: string[]): Promise<void> {
  let started: Promise<Served> | undefined
  const serve = () => {
    started ??= startEngine(url, datamodels, (line) => process.stderr.write(`${line}\n`)).then(
      ({ engine, ...rest }) => ({ methods: bindMethods(engine), ...rest }),
    )
    return started
  }
  for await (const line of createInterface({ input: process.stdin }))
    for (const message of await answer(line, serve)) process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** The engine's methods live on its prototype and need their object. */
function bindMethods(engine: object): Methods {
  const source = engine as Record<string, (params: unknown) => Promise<unknown>>
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(engine)).filter(
    (name) => name !== 'constructor',
  )
  return Object.fromEntries(names.map((name) => [name, source[name]?.bind(engine)]))
}

const request = parseArguments(process.argv.slice(2))
if (request.kind === 'version') printVersion()
else if (request.kind === 'database')
  process.exitCode = await runDatabaseAction(request.action, request.url, log)
else {
  process.once('SIGTERM', () => process.exit(0))
  await serveStdin(request.url, request.datamodels)
  process.exit(0) // the open session would keep the process alive
}
