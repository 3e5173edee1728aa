import { readFileSync, writeFileSync } from 'node:fs'
import { editEnvFile } from '../../../scripts/settings/env-file.ts'
import { untilReady } from './colours.ts'
import type { Stack } from './stack.ts'

const API = ['ecomweb_api_blue', 'ecomweb_api_green']

/**
 * Gives the application other settings as an operator would, by .env.api, to the API and to these services besides;
 * both colours are ready afterwards. Nothing else is started or stopped.
 */
export async function changeEnvironment(
  stack: Stack,
  changes: Record<string, string>,
  services: string[] = [],
): Promise<void> {
  const path = stack.file('.env.api')
  writeFileSync(path, editEnvFile(readFileSync(path, 'utf8'), changes))
  await stack.compose(['up', '-d', '--no-deps', ...API, ...services])
  await Promise.all([untilReady(stack, 'blue'), untilReady(stack, 'green')])
}
