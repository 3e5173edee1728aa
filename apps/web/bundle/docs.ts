import { copyFileSync, cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Puts the page that shows /api/openapi.json into DIRECTORY/docs. */
export function copyDocs(directory: string): void {
  const target = join(directory, 'docs')
  cpSync(join(import.meta.dirname, '../docs'), target, { recursive: true })
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    copyFileSync(join(swagger, file), join(target, file))
  }
}
