import type { Context } from '../context.ts'

/** A flag: its default is always "off" or "not given". */
export type Flag = { type: 'boolean' | 'string'; value?: string; help: string }

export type Values = Record<string, string | boolean | undefined>

/** A verb of `./ecomweb`; help is printed from this table. */
export type CommandSpec = {
  name: string
  summary: string
  /** Positional arguments as shown in help, e.g. `blue|green`; square brackets mean optional. */
  operands?: string
  /** How many positional arguments there may be: least and most. */
  arity?: [number, number]
  flags?: Record<string, Flag>
  examples: string[]
  /** On the first Ctrl-C it undoes what it began; others simply end. */
  undoesOnInterrupt?: boolean
  /** It goes on until the first Ctrl-C, and then ends well once what it has begun is done. */
  untilInterrupted?: boolean
  run(context: Context, values: Values, operands: string[]): Promise<void>
}

export const DRY_RUN: Record<string, Flag> = {
  'dry-run': { type: 'boolean', help: 'print what would be done, change nothing' },
}
