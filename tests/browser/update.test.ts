import { beforeAll, expect, test } from 'vitest'
import { restore, startFromTestImages } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { buildImage } from '../e2e/harness/images.ts'
import { visit, withBrowser } from './browser.ts'

withBrowser()
beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack)
})

test('after a deploy an open page offers the new version, and takes it when it is told to', async () => {
  const visitor = await visit()
  const { page } = visitor
  const newPage = page.locator('meta[name=release][content=next]')
  await page.goto('/products')
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await page.reload()

  const { code, output } = await stack.deploy(await buildImage(stack, 'new-web'))
  expect(code, output).toBe(0)
  // Whoever comes back to the page looks for a new version.
  await page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')))
  await page.getByText('There is a new version of the shop.').waitFor()
  expect(await newPage.count()).toBe(0)
  await visitor.picture('new-version')
  await page.getByRole('button', { name: 'Reload' }).click()
  await newPage.waitFor({ state: 'attached' })
  // What the worker keeps is the new version too.
  await page.context().setOffline(true)
  await page.reload()
  await newPage.waitFor({ state: 'attached' })
  await page.context().setOffline(false)
  await visitor.leave()
  expect(visitor.complaints.filter((line) => !/ERR_INTERNET/.test(line))).toEqual([])
})
