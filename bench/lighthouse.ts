import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import lighthouse from 'lighthouse'
import { chromium } from 'playwright-core'
import { KitError } from '../scripts/errors.ts'
import { parseStackFiles } from '../scripts/settings/stack-env.ts'
import { measure } from './program.ts'

const PAGES = ['/', '/products', '/products/1', '/sign-in']
const PROGRAM = '/usr/bin/chromium'

await measure({
  name: 'lighthouse',
  about: `Lighthouse's scores of the web application of a running stack, as a phone sees it (Lighthouse's defaults: a slow
phone on a slow network, simulated). Performance moves with the machine: the median of several rounds counts.`,
  flags: { rounds: { default: 3, most: 20, help: 'how often each page is looked at' } },
  async run({ results, say, signal, atEnd }, { root, rounds }) {
    if (!existsSync(PROGRAM)) throw new KitError('there is no Chromium', { next: 'apt-get install chromium' })
    const text = (file: string) => readFileSync(join(root, file), 'utf8')
    const { env } = parseStackFiles(text('.env'), text('.env.api'))
    const port = await freePort()
    const args = ['--no-sandbox', `--remote-debugging-port=${port}`]
    const browser = await chromium.launch({ executablePath: PROGRAM, args })
    atEnd(() => browser.close())
    while (results.count(`performance ${PAGES.at(-1)}`) < rounds) {
      for (const page of PAGES) {
        signal.throwIfAborted()
        const url = `http://127.0.0.1:${env.HTTP_PORT}${page}`
        const onlyCategories = ['performance', 'accessibility', 'best-practices']
        const outcome = await lighthouse(url, { port, onlyCategories, logLevel: 'error' })
        const categories = outcome?.lhr.categories ?? {}
        const score = (name: string) => Math.round((categories[name]?.score ?? 0) * 100)
        results.add(
          '',
          Object.fromEntries(Object.keys(categories).map((name) => [`${name} ${page}`, score(name)])),
        )
      }
      say(`round ${results.count(`performance ${PAGES.at(-1)}`)} of ${rounds}`)
    }
  },
})

/** A function declaration, since the program above runs before the lines below it. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
