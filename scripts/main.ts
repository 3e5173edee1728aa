import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import type { CommandSpec, Values } from './commands/command.ts'
import { details, GLOBAL_FLAGS, overview } from './commands/help.ts'
import type { Context } from './context.ts'
import { EXIT, explain, KitError } from './errors.ts'
import { jsonProgress, textProgress } from './output/progress.ts'
import { redact, redactedJson } from './settings/secrets.ts'
import { dryWorld, realPorts, worldOver } from './world.ts'

/** Each verb loads only its own file, so that `switch` does not wait for what `up` needs. */
const COMMANDS: Record<string, () => Promise<CommandSpec>> = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  resume: async () => (await import('./commands/recover.ts')).resumeCommand,
  abort: async () => (await import('./commands/recover.ts')).abortCommand,
  autoscale: async () => (await import('./commands/autoscale.ts')).autoscaleCommand,
  switch: async () => (await import('./commands/switch.ts')).switchCommand,
  rollback: async () => (await import('./commands/switch.ts')).rollbackCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  admin: async () => (await import('./commands/admin.ts')).adminCommand,
  cron: async () => (await import('./commands/cron.ts')).cronCommand,
  workers: async () => (await import('./commands/workers.ts')).workersCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  reload: async () => (await import('./commands/reload.ts')).reloadCommand,
  history: async () => (await import('./commands/history.ts')).historyCommand,
  why: async () => (await import('./commands/why.ts')).whyCommand,
  scan: async () => (await import('./commands/scan.ts')).scanCommand,
  test: async () => (await import('./commands/test.ts')).testCommand,
  version: async () => (await import('./commands/version.ts')).versionCommand,
}

/** Runs one command line; resolves with the exit code. */
async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const asked = COMMANDS[args[0] ?? '']
    if (args[0] && !asked) throw unknownCommand(args[0])
    process.stdout.write(`${asked ? details(await asked()) : overview(await allCommands())}\n`)
    return EXIT.ok
  }
  const load = COMMANDS[name === '--version' ? 'version' : name]
  if (!load) throw unknownCommand(name)
  const command = await load()
  const { values, positionals } = parse(command, args)
  if (values.help) {
    process.stdout.write(`${details(command)}\n`)
    return EXIT.ok
  }
  await command.run(contextFor(command, values, interruptions(command)), values, positionals)
  return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode)
}

const allCommands = (): Promise<CommandSpec[]> => Promise.all(Object.values(COMMANDS).map((load) => load()))

function parse(command: CommandSpec, args: string[]): { values: Values; positionals: string[] } {
  const flags = { ...command.flags, ...GLOBAL_FLAGS }
  const options = Object.fromEntries(Object.entries(flags).map(([flag, { type }]) => [flag, { type }]))
  const usage = (what: string, why?: string) =>
    new KitError(what, {
      ...(why ? { why } : {}),
      next: `./ecomweb ${command.name} --help`,
      code: EXIT.usage,
    })
  const parsed = (() => {
    try {
      return parseArgs({ args, options, allowPositionals: true, strict: true })
    } catch (error) {
      throw usage((error as Error).message.split('. ')[0] ?? 'wrong usage')
    }
  })()
  const [least, most] = command.arity ?? [0, 0]
  const count = parsed.positionals.length
  if (!parsed.values.help && (count < least || count > most)) {
    throw usage(`\`${command.name}\` takes ${command.operands ?? 'no operands'}`, `given: ${count}`)
  }
  return parsed as { values: Values; positionals: string[] }
}

function contextFor(command: CommandSpec, values: Values, interrupted: AbortSignal): Context {
  const json = values.json === true
  const line = (text: string) => void process.stdout.write(`${redact(text)}\n`)
  const root = dirname(import.meta.dirname)
  const verbose =
    process.env.VERBOSE === '1' ? (text: string) => void process.stderr.write(`${text}\n`) : undefined
  const ports = realPorts(root, { verbose, detached: outlivesInterrupt(command) })
  const emit = (value: unknown) => void process.stdout.write(`${redactedJson(value)}\n`)
  return {
    root,
    interrupted,
    world: values['dry-run']
      ? dryWorld(ports, (text) => (json ? emit({ would: text }) : line(`  ${text}`)))
      : worldOver(ports, interrupted),
    progress: json ? jsonProgress(emit) : textProgress(process.stdout),
    preflight: async (stack, image) =>
      (await import('./preflight/preflight.ts')).runPreflight(stack, { image }),
    print: json ? () => {} : line,
    emit: json ? emit : () => {},
  }
}

/** What such a command has started must not get the Ctrl-C that the command itself answers. */
const outlivesInterrupt = ({ undoesOnInterrupt, untilInterrupted }: CommandSpec): boolean =>
  undoesOnInterrupt === true || untilInterrupted === true

/** The first Ctrl-C ends a command, or asks it to end by itself or to undo what it began; the second always ends it. */
function interruptions(command: CommandSpec): AbortSignal {
  const controller = new AbortController()
  const end = () => {
    process.stderr.write('\ninterrupted; ./ecomweb status shows where things stand\n')
    process.exit(EXIT.interrupted)
  }
  let asked = false
  const interrupt = () => {
    if (asked || !outlivesInterrupt(command)) return end()
    asked = true
    const what = command.undoesOnInterrupt ? 'undoing' : 'ending with'
    process.stderr.write(`\ninterrupted: ${what} what was begun; Ctrl-C again ends at once\n`)
    controller.abort(new KitError('interrupted', { next: './ecomweb status', code: EXIT.interrupted }))
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  // A closed terminal interrupts like Ctrl-C, but nobody is left who could mean it twice.
  process.on('SIGHUP', () => asked || interrupt())
  return controller.signal
}

const unknownCommand = (name: string): KitError =>
  new KitError(`there is no command "${name}"`, { next: './ecomweb help', code: EXIT.usage })

// Compose and every look-up work on the files beside docker-compose.yml, from wherever the command was typed.
process.chdir(dirname(import.meta.dirname))

// A reader that goes away, as in `./ecomweb deploy | head`, must not end a deploy halfway.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${redact(explain(error, process.env.VERBOSE === '1'))}\n`)
  process.exitCode = error instanceof KitError ? error.code : EXIT.failed
}
