import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { administrator } from '../e2e/harness/access.ts'
import { restore } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { expectNoComplaints, signIn, visit, withBrowser } from './browser.ts'

withBrowser()
beforeAll(() => restore(stack))

const CHANNEL = 'spring-letter'
const today = new Date().toISOString().slice(0, 10)
const spend = (...rows: string[]) => ({
  name: 'spend.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(['day,channel,campaign,spend,clicks,impressions', ...rows, ''].join('\n')),
})

/** Somebody follows a link of a newsletter and buys, without an account. */
async function buyBy(channel: string): Promise<void> {
  const visitor = await visit()
  const { page } = visitor
  await page.goto(`/products?utm_source=${channel}`)
  await page.getByRole('link', { name: /Enamel mug/ }).click()
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await page.goto('/checkout')
  await page.getByLabel('E-mail').fill('reader@example.com')
  await page.getByRole('button', { name: /^Order for/ }).click()
  await page.getByRole('heading', { name: 'Thank you!' }).waitFor()
  await page.getByRole('status').getByText('Completed').waitFor({ timeout: 30_000 })
  await visitor.leave()
}

const upload = async (page: Page, file: ReturnType<typeof spend>): Promise<void> => {
  await page.getByLabel('File').setInputFiles(file)
  await page.getByRole('button', { name: 'Check the file' }).click()
}

test('what an administrator imports, and what a customer of a newsletter buys, stand in the reports', async () => {
  await buyBy(CHANNEL.toUpperCase())
  const { email, password } = administrator(stack)
  const visitor = await visit()
  const { page } = visitor
  await signIn(visitor, email, password)

  await page.goto('/admin/reports/imports')
  await upload(page, spend(`${today},${CHANNEL},one,12.50,40,900`, `${today},${CHANNEL},two,a lot,1,2`))
  await page.getByRole('heading', { name: '1 row cannot be imported' }).waitFor()
  await page.getByRole('rowheader', { name: '3', exact: true }).waitFor()
  await visitor.picture('import-flawed')
  await page.getByRole('button', { name: 'Choose a corrected file' }).click()
  await upload(page, spend(`${today},${CHANNEL},one,12.50,40,900`, `${today},${CHANNEL},two,7.50,20,100`))
  await page.getByRole('heading', { name: 'The file is right' }).waitFor()
  await page.getByRole('button', { name: 'Import 2 rows' }).click()
  await page.getByRole('heading', { name: '2 rows imported' }).waitFor()
  await visitor.picture('import-stored')

  await page.getByRole('link', { name: 'Advertising' }).click()
  const channel = page.getByRole('row', { name: new RegExp(CHANNEL) })
  await channel
    .getByText(/20[.,]00/)
    .first()
    .waitFor()
  await visitor.picture('report-advertising')
  await page.getByRole('link', { name: 'Sales', exact: true }).click()
  await page
    .getByRole('row', { name: new RegExp(CHANNEL) })
    .first()
    .waitFor()
  await page.locator('.recharts-area').waitFor()
  await visitor.picture('report-sales')
  expectNoComplaints(visitor)
  await visitor.leave()
})

test('the days are part of the address, go with each report, and can be taken home as CSV', async () => {
  const { email, password } = administrator(stack)
  const visitor = await visit({ acceptDownloads: true })
  const { page } = visitor
  await signIn(visitor, email, password)
  await page.goto('/admin/reports')
  await page.getByRole('button', { name: '7 days' }).click()
  await page.waitForURL(/range=7$/)
  for (const name of ['Products', 'Customers', 'Margin', 'Sales']) {
    await page.getByLabel('Reports').getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.locator('.tile').first().waitFor()
    expect(new URL(page.url()).search).toBe('?range=7')
    await visitor.picture(`report-${name.toLowerCase()}-week`)
  }
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download as CSV' }).click()
  const file = await saved
  expect(file.suggestedFilename()).toMatch(/^sales-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/)
  expect(readFileSync(await file.path(), 'utf8')).toMatch(/^day,/)
  expectNoComplaints(visitor)
  await visitor.leave()
})

test.each([503, 504])('after %d the page says that it passes, and goes on when it has', async (status) => {
  const { email, password } = administrator(stack)
  // A worker would answer in the place of what is put on the way here.
  const visitor = await visit({ serviceWorkers: 'block' })
  const { page } = visitor
  await signIn(visitor, email, password)
  const body = { error: 'Reports backend unavailable. Please try again in a moment.', details: 'refused' }
  await page.route('**/reports-api/**', (route) => route.fulfill({ status, json: body }))
  await page.goto('/admin/reports')
  await page.getByText('The reports service is temporarily unavailable.').waitFor()
  await visitor.picture(`reports-${status}`)
  await page.getByRole('link', { name: 'Products', exact: true }).first().click()
  await page.getByRole('link', { name: /Enamel mug/ }).waitFor()
  await page.goBack()
  await page.getByText('The reports service is temporarily unavailable.').waitFor()
  await page.unroute('**/reports-api/**')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.tile').first().waitFor()
  await visitor.leave()
})
