import type { CommandSpec } from './command.ts'
export const verifyCommand: CommandSpec = { name: 'verify', summary: '', examples: [], async run() {} }
