/**
 * What comes after `vite build`: the API's documentation, a look at the size, compressed copies.
 *
 *   node apps/web/bundle/finish.ts [build/web]
 */
import { resolve } from 'node:path'
import { checkFirstLoad, FIRST_LOAD_LIMIT } from './budget.ts'
import { compressAll } from './compress.ts'
import { copyDocs } from './docs.ts'

const directory = resolve(process.argv[2] ?? 'build/web')

copyDocs(directory)
const { files, gzip, brotli } = checkFirstLoad(directory)
for (const file of files)
  console.log(`${kilobytes(file.gzip)} gzip ${kilobytes(file.brotli)} br  ${file.name}`)
console.log(`${kilobytes(gzip)} gzip ${kilobytes(brotli)} br  JavaScript at first load`)
if (gzip > FIRST_LOAD_LIMIT) {
  console.error(
    `the first load may carry ${FIRST_LOAD_LIMIT / 1000} kB of compressed JavaScript: load more of it lazily`,
  )
  process.exit(1)
}
console.log(`${compressAll(directory)} files have compressed copies`)

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB`
}
