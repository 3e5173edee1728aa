import { beforeAll, expect, test } from 'vitest'
import { restore, startFromTestImages } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { other } from '../e2e/harness/stack.ts'
import { waitUntil } from '../e2e/harness/wait.ts'
import { expectNoComplaints, newcomer, register, visit, withBrowser } from './browser.ts'

withBrowser()
beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack, { alike: true })
})

test('somebody registers, finds a product, buys it and watches the order complete, while colours switch underneath', async () => {
  const visitor = await visit()
  const { page } = visitor
  const before = await stack.active()
  // Back and forth as fast as the kit switches, from the first page to the last.
  let [switches, over] = [0, false]
  const switching = (async () => {
    while (!over) {
      await stack.switchTo(other(await stack.active()))
      switches += 1
    }
  })()

  await register(visitor, newcomer())
  await page.getByRole('link', { name: 'Products', exact: true }).first().click()
  await page.getByRole('searchbox', { name: 'Search products' }).fill('notebook')
  await page.getByText('1 product for “notebook”').waitFor()
  await visitor.picture('products')
  await page.getByRole('link', { name: /Field notebook/ }).click()
  await page.getByRole('heading', { name: 'Field notebook' }).waitFor()
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await visitor.picture('product')
  await page.getByRole('link', { name: /Cart, 1 item/ }).click()
  await page.getByRole('link', { name: /Check out/ }).click()
  await page.getByRole('button', { name: /^Order for/ }).click()
  await page.getByRole('heading', { name: 'Thank you!' }).waitFor()
  // Nothing is reloaded here: the page hears of it by itself.
  await page.getByRole('status').getByText('Completed').waitFor({ timeout: 30_000 })
  await page.locator('.step-done').nth(3).waitFor({ timeout: 30_000 })
  await visitor.picture('order-completed')

  over = true
  await switching
  // Whoever comes next finds the release live that workers and cron belong to.
  await stack.switchTo(before)
  expect(switches).toBeGreaterThan(1)
  expectNoComplaints(visitor)
  await visitor.leave()
})

test('a guest buys with an e-mail address alone and finds the order again by its address', async () => {
  const visitor = await visit()
  const { page } = visitor
  await page.goto('/products')
  await page.getByRole('link', { name: /Enamel mug/ }).click()
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await page.goto('/checkout')
  await page.getByLabel('E-mail').fill('guest@example.com')
  await page.getByRole('button', { name: /^Order for/ }).click()
  await page.getByRole('heading', { name: 'Thank you!' }).waitFor()
  await page.getByRole('status').getByText('Completed').waitFor({ timeout: 30_000 })
  const address = page.url()
  const elsewhere = await visit()
  await elsewhere.page.goto(address)
  await elsewhere.page.getByText('Enamel mug').waitFor()
  expectNoComplaints(visitor)
  await Promise.all([visitor.leave(), elsewhere.leave()])
})

test('stock on a product page follows what somebody else buys, without a reload', async () => {
  const [watcher, buyer] = [await visit(), await visit()]
  await stack.sql(`UPDATE products SET stock = 7 WHERE name = 'Desk lamp';`)
  const id = (await stack.sql(`SELECT id FROM products WHERE name = 'Desk lamp';`)).trim()
  await watcher.page.goto(`/products/${id}`)
  await watcher.page.getByText('Live').waitFor()
  await buyer.page.goto(`/products/${id}`)
  await buyer.page.getByRole('button', { name: 'Add to cart' }).click()
  await buyer.page.goto('/checkout')
  await buyer.page.getByLabel('E-mail').fill('buyer@example.com')
  await buyer.page.getByRole('button', { name: /^Order for/ }).click()
  await buyer.page.getByRole('heading', { name: 'Thank you!' }).waitFor()
  await waitUntil('the page shows 6', async () =>
    /\b6\b/.test(await watcher.page.locator('.stock-line').innerText()),
  )
  await Promise.all([watcher.leave(), buyer.leave()])
})
