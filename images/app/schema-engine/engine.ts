import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import { createAdapterFactory } from './adapter.ts'
import { parseTarget } from './connection.ts'
import { recordFailure } from './database.ts'

export type Engine = {
  engine: SchemaEngine
  /** The way from an error's number back to the error. */
  consumeError: (id: number) => unknown
  recordFailure: (migration: string, report: string) => Promise<void>
  /** Rejects when the engine ends in the middle of something, which no call of it would report. */
  crashed: Promise<never>
}

/** Instantiates Prisma's schema engine (WebAssembly) on one connection to the database of `url`. */
export async function startEngine(
  url: string,
  datamodels: readonly string[],
  log: (line: string) => void,
): Promise<Engine> {
  const crashed = watchForPanics()
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const module = await WebAssembly.compile(readFileSync(glue.replace(/\.js$/, '.wasm')))
  const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  ;(instance.exports.__wbindgen_start as () => void)()

  const target = parseTarget(url)
  const factory = bindMigrationAwareSqlAdapterFactory(createAdapterFactory(target))
  const files = datamodels.map((path): [string, string] => [path, readFileSync(path, 'utf8')])
  const engine = await bindings.SchemaEngine.new(
    { datamodels: files.length > 0 ? files : undefined },
    log,
    factory,
  )
  return {
    engine,
    consumeError: (id) => factory.errorRegistry.consumeError(id)?.error,
    recordFailure: (migration, report) => recordFailure(target, migration, report),
    crashed,
  }
}

/** A panic leaves its message in a global object, by the engine's contract, and then stops wherever it was. */
function watchForPanics(): Promise<never> {
  let message = 'panicked at an unknown place'
  const set_message = (text: string) => {
    message = text
  }
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message } })
  const crashed = new Promise<never>((_, reject) => {
    process.once('uncaughtException', (cause) => reject(new Error(message, { cause })))
  })
  crashed.catch(() => undefined) // only a call that is waiting wants to know
  return crashed
}
