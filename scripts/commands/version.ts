import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandSpec } from './command.ts'

export const versionCommand: CommandSpec = {
  name: 'version',
  summary: 'print the version of the kit and of Node',
  examples: ['./ecomweb version'],
  async run({ root, print, emit }) {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    print(`ecomweb ${version} (Node ${process.versions.node})`)
    emit({ version, node: process.versions.node })
  },
}
