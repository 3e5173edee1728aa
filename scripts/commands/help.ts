import type { CommandSpec, Flag } from './command.ts'

const GLOBAL: Record<string, Flag> = {
  json: { type: 'boolean', help: 'print JSON for programs' },
  help: { type: 'boolean', help: 'print this' },
  'no-install': { type: 'boolean', help: 'refuse to install anything; name the commands instead' },
  wait: { type: 'boolean', help: 'wait while another command holds the lock' },
}

/** Flags that every command knows. */
export const GLOBAL_FLAGS = GLOBAL

/** The list of commands. */
export function overview(commands: CommandSpec[]): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    'ecomweb: blue-green deployments for Docker Compose, with nothing lost',
    '',
    'Usage: ./ecomweb COMMAND [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'Begin with: ./ecomweb up        One command in detail: ./ecomweb deploy --help',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 75 another command holds the lock,',
    '            76 a command was cut off: ./ecomweb resume or ./ecomweb abort, 130 interrupted',
  ].join('\n')
}

/** One command in detail. */
export function details(command: CommandSpec): string {
  return [
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    '',
    `Usage: ./ecomweb ${[command.name, command.operands, '[options]'].filter(Boolean).join(' ')}`,
    '',
    'Options:',
    ...Object.entries({ ...command.flags, ...GLOBAL }).map(flagLine),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`.trimEnd()),
  ].join('\n')
}

const flagLine = ([name, flag]: [string, Flag]): string =>
  `  ${`--${name}${flag.value ? ` ${flag.value}` : ''}`.padEnd(22)} ${flag.help}`
