import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { administrator } from '../e2e/harness/access.ts'
import { restore } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { signIn, type Visit, visit, withBrowser } from './browser.ts'

withBrowser()
beforeAll(() => restore(stack))

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PAGES = ['/', '/products', '/products/1', '/cart', '/checkout', '/orders', '/sign-in', '/nowhere']
const ADMIN_PAGES = [
  ...['', '/orders', '/users', '/audit'],
  ...['', '/products', '/customers', '/margin', '/advertising', '/imports'].map((path) => `/reports${path}`),
  ...['', '/preview', '/runs'].map((path) => `/pricing${path}`),
].map((path) => `/admin${path}`)

type Finding = { id: string; impact: string | null; nodes: { html: string }[] }

/** Findings of axe that keep people out (serious and critical), one line each. */
async function barriers({ page }: Visit): Promise<string[]> {
  // The page's own policy lets no foreign script in; the debugging protocol does.
  const findings = (await page.evaluate(
    `${AXE}; axe.run().then(({ violations }) => violations)`,
  )) as Finding[]
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

const settled = async ({ page }: Visit, path: string): Promise<void> => {
  await page.goto(path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"], .skeleton').length === 0)
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test('axe finds no serious barrier on any page', async () => {
    const visitor = await visit({ colorScheme })
    const found: Record<string, string[]> = {}
    for (const path of PAGES) {
      await settled(visitor, path)
      found[path] = await barriers(visitor)
    }
    const { email, password } = administrator(stack)
    await signIn(visitor, email, password)
    for (const path of ADMIN_PAGES) {
      await settled(visitor, path)
      found[path] = await barriers(visitor)
    }
    await visitor.leave()
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })
})

test('no page scrolls sideways at 360 px', async () => {
  const visitor = await visit({ viewport: { width: 360, height: 740 } })
  const wide: string[] = []
  const look = async (path: string) => {
    await settled(visitor, path)
    await visitor.picture(`narrow${path.replaceAll('/', '-')}`)
    if (await visitor.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth))
      wide.push(path)
  }
  for (const path of PAGES) await look(path)
  const { email, password } = administrator(stack)
  await signIn(visitor, email, password)
  for (const path of ADMIN_PAGES) await look(path)
  await visitor.leave()
  expect(wide).toEqual([])
})

test('the way from the first page to the cart is open to a keyboard alone', async () => {
  const visitor = await visit()
  const { page } = visitor
  await settled(visitor, '/products')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/skip/i)
  await page.keyboard.press('Enter')
  const focusOn = async (name: RegExp) => {
    for (let presses = 0; presses < 60; presses += 1) {
      // The skip link leads to the whole content, whose text holds everything.
      const text = await page.evaluate(
        () => document.querySelector('a:focus, button:focus')?.textContent ?? '',
      )
      if (name.test(text)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`no way to ${name} by the tab key`)
  }
  await focusOn(/Canvas tote/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Canvas tote', level: 1 }).waitFor()
  await focusOn(/^Add to cart$/)
  await page.keyboard.press('Enter')
  await page.getByText('1 in your cart').waitFor()
  await visitor.leave()
})
