import { KitError } from './errors.ts'
import type { Progress } from './output/progress.ts'
import type { Finding } from './preflight/check.ts'
import { type KitSettings, parseKitSettings } from './settings/kit-settings.ts'
import { parseStackFiles, type StackEnv } from './settings/stack-env.ts'
import type { World } from './world.ts'

/** What every command is given. `root` is the folder of docker-compose.yml. */
export type Context = {
  root: string
  world: World
  progress: Progress
  /** Aborted by the first Ctrl-C; a command that changes much ends its step, undoes what it began, then ends. */
  interrupted: AbortSignal
  /** What stands against deploying an image here; looks at the host itself, beyond the ports. */
  preflight(stack: StackContext, image: string): Promise<Finding[]>
  /** Prints the command's result: lines for people. Silent with `--json`. */
  print(text: string): void
  /** Prints the command's result for programs. Silent without `--json`. */
  emit(value: unknown): void
}

/** A context of a stack that exists: its validated settings, read once. */
export type StackContext = Context & { env: StackEnv; app: Record<string, string>; settings: KitSettings }

/** Reads the stack's files. Errors: no stack here, or a value that cannot be used. */
export async function openStack(context: Context): Promise<StackContext> {
  const { disk } = context.world
  const [env, app, compose] = [
    await disk.read('.env'),
    await disk.read('.env.api'),
    await disk.read('docker-compose.yml'),
  ]
  if (app === undefined) {
    throw new KitError('there is no stack here yet: .env.api is missing', { next: './ecomweb up' })
  }
  return { ...context, ...parseStackFiles(env ?? '', app), settings: parseKitSettings(compose ?? '') }
}
