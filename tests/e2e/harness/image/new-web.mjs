// Makes a built web client that of another release: its page says so, and its service worker has another version.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)

change('index.html', '</head>', '<meta name="release" content="next"></head>')
change('sw.js', /(version:\s*[`"'])[0-9a-f]{16}/, '$10123456789abcdef')

function change(name, what, by) {
  const file = join(folder, name)
  const before = readFileSync(file, 'utf8')
  const after = before.replace(what, by)
  if (after === before) throw new Error(`${name} holds nothing to change`)
  writeFileSync(file, after)
  for (const copy of [`${file}.br`, `${file}.gz`]) if (existsSync(copy)) rmSync(copy)
}
