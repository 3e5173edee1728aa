import type { Progress } from './output/progress.ts'
import { type KitSettings, readKitSettings } from './settings/kit-settings.ts'
import { readStackFiles, type StackEnv } from './settings/stack-env.ts'
import type { World } from './world.ts'

/** What every command is given. `root` is the folder of docker-compose.yml. */
export type Context = {
  root: string
  world: World
  progress: Progress
  /** Aborted by the first Ctrl-C; a command that changes much ends its step, undoes what it began, then ends. */
  interrupted: AbortSignal
  /** Prints the command's result: lines for people. Silent with `--json`. */
  print(text: string): void
  /** Prints the command's result for programs. Silent without `--json`. */
  emit(value: unknown): void
}

/** A context of a stack that exists: its validated settings, read once. */
export type StackContext = Context & { env: StackEnv; app: Record<string, string>; settings: KitSettings }

/** Reads the stack's files. Errors: no stack here, or a value that cannot be used. */
export const openStack = (context: Context): StackContext => ({
  ...context,
  ...readStackFiles(context.root),
  settings: readKitSettings(context.root),
})
