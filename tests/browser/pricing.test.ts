import { afterAll, beforeAll, expect, test } from 'vitest'
import { administrator } from '../e2e/harness/access.ts'
import { restore } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { expectNoComplaints, signIn, type Visit, visit, withBrowser } from './browser.ts'

withBrowser()

const PRODUCT = 'Wool blanket'
const RULE = 'Clear the blankets'
let id = ''
let before = 0

const priceOf = async () => Number(await stack.sql(`SELECT price_cents FROM products WHERE id = ${id};`))

beforeAll(async () => {
  await restore(stack)
  id = (await stack.sql(`SELECT id FROM products WHERE name = '${PRODUCT}';`)).trim()
  await stack.sql(
    `UPDATE products SET stocked_at = now() - interval '200 days', price_cents = 8000 WHERE id = ${id};`,
  )
  before = await priceOf()
})
afterAll(() => stack.sql(`UPDATE pricing_rules SET enabled = false WHERE name = '${RULE}';`))

async function administrate(): Promise<Visit> {
  const { email, password } = administrator(stack)
  const visitor = await visit({ serviceWorkers: 'block' })
  await signIn(visitor, email, password)
  return visitor
}

test('a rule is made, looked at before it acts, applied once although the answer is lost, and undone', async () => {
  const visitor = await administrate()
  const { page } = visitor
  await page.goto('/admin/pricing')
  await page.getByRole('button', { name: 'New rule' }).click()
  await page.getByLabel('Name').fill(RULE)
  await page.getByLabel('What it does').selectOption({ label: 'Clear old stock' })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Should be more than 0 and at most 90.').waitFor()
  await page.getByLabel('Percent off').fill('10')
  await page.getByLabel('Only the products').fill(id)
  await visitor.picture('pricing-rule')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText('10% off after 90 days in stock.').waitFor()
  await visitor.picture('pricing-rules')

  await page.getByRole('link', { name: `Preview ${RULE}` }).click()
  const row = page.getByRole('row', { name: new RegExp(PRODUCT) })
  await row.getByText(/80[.,]00/).waitFor()
  await row.getByText(/72[.,]00/).waitFor()
  await row.getByText(/[-−]10/).waitFor()
  await visitor.picture('pricing-preview')
  expect(await priceOf()).toBe(before)

  const keys: (string | undefined)[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/execute-updates')) keys.push(request.headers()['idempotency-key'])
  })
  // It arrives and acts, but the answer does not come back.
  const lose = async (route: Parameters<Parameters<typeof page.route>[1]>[0]) => {
    await route.fetch()
    await route.abort()
  }
  await page.route('**/execute-updates', lose, { times: 1 })
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await page.getByRole('button', { name: 'Change 1 price' }).click()
  await page.waitForURL(/\/admin\/pricing\/runs\/./)
  expect(keys).toHaveLength(2)
  expect(new Set(keys).size).toBe(1)
  expect(await priceOf()).toBe(7200)
  await page.getByRole('status').getByText('Applied').waitFor()
  await visitor.picture('pricing-run')

  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Give back the old prices' }).click()
  await page.getByRole('status').getByText('Undone').waitFor()
  expect(await priceOf()).toBe(before)
  await page.goto('/admin/pricing/runs')
  await page.getByRole('cell', { name: 'Undone' }).first().waitFor()
  await visitor.picture('pricing-runs')
  expect(visitor.complaints.filter((line) => !/ERR_FAILED/.test(line))).toEqual([])
  await visitor.leave()
})

test('a preview that is no longer right changes nothing and offers a new one', async () => {
  const visitor = await administrate()
  const { page } = visitor
  await page.goto('/admin/pricing')
  await page.getByRole('link', { name: `Preview ${RULE}` }).click()
  await page.getByRole('button', { name: 'Apply 1 change' }).waitFor()
  await stack.sql(`UPDATE products SET price_cents = 9000 WHERE id = ${id};`)
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await page.getByRole('button', { name: 'Change 1 price' }).click()
  await page.getByRole('heading', { name: 'Prices have changed since' }).waitFor()
  await visitor.picture('pricing-outdated')
  await page.getByRole('button', { name: 'New preview' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page
    .getByRole('row', { name: new RegExp(PRODUCT) })
    .getByText(/81[.,]00/)
    .waitFor()
  expect(await priceOf()).toBe(9000)
  expectNoComplaints(visitor)
  await visitor.leave()
})

test('a rule is turned off and deleted', async () => {
  const visitor = await administrate()
  const { page } = visitor
  await page.goto('/admin/pricing')
  await page.getByRole('button', { name: `Turn off ${RULE}` }).click()
  await page
    .getByRole('row', { name: new RegExp(RULE) })
    .getByText('Off', { exact: true })
    .waitFor()
  await page.getByRole('button', { name: `Delete ${RULE}` }).click()
  await page.getByRole('button', { name: 'Delete the rule' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('row', { name: new RegExp(RULE) }).waitFor({ state: 'detached' })
  expectNoComplaints(visitor)
  await visitor.leave()
})
