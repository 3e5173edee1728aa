import { beforeAll, expect, test } from 'vitest'
import { restore } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { visit, withBrowser } from './browser.ts'

withBrowser()
beforeAll(() => restore(stack))

test('what was read once can be read again without a network', async () => {
  const visitor = await visit()
  const { page } = visitor
  await page.goto('/products')
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  // The worker sees what is asked after it took over.
  await page.reload()
  await page.getByRole('link', { name: /Enamel mug/ }).waitFor()
  await page.context().setOffline(true)
  await page.reload()
  await page.getByRole('link', { name: /Enamel mug/ }).waitFor()
  await page.getByText('You are offline').waitFor()
  await visitor.picture('offline')
  await page.context().setOffline(false)
  await page.getByText('You are offline').waitFor({ state: 'detached' })
  await visitor.leave()
  expect(visitor.complaints.filter((line) => !/network|fetch|ERR_INTERNET/i.test(line))).toEqual([])
})
