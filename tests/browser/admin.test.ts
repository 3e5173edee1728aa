import { beforeAll, expect, test } from 'vitest'
import { administrator } from '../e2e/harness/access.ts'
import { restore } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { expectNoComplaints, newcomer, register, signIn, visit, withBrowser } from './browser.ts'

withBrowser()
beforeAll(() => restore(stack))

test('an administrator changes a price, and the next visitor pays it', async () => {
  const { email, password } = administrator(stack)
  const visitor = await visit()
  const { page } = visitor
  await signIn(visitor, email, password)
  await page.getByRole('link', { name: 'Admin', exact: true }).click()
  await page.goto('/admin?search=dripper')
  await page.getByRole('button', { name: 'Edit Pour-over dripper' }).click()
  await page.getByLabel(/^Price/).fill('35.50')
  await visitor.picture('admin-edit')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('cell', { name: /35[.,]50/ }).waitFor()

  const next = await visit()
  await next.page.goto('/products?search=dripper')
  await next.page.getByText(/35[.,]50/).waitFor()
  await page.goto('/admin/audit')
  await page
    .getByText(/product/)
    .first()
    .waitFor()
  await visitor.picture('admin-audit')
  expectNoComplaints(visitor)
  await Promise.all([visitor.leave(), next.leave()])
})

test('somebody who is no administrator gets no such page, and no such answer', async () => {
  const visitor = await visit()
  await register(visitor, newcomer())
  await visitor.page.goto('/admin/users')
  await visitor.page
    .getByText(/administrators/i)
    .first()
    .waitFor()
  expect(await visitor.page.getByRole('table').count()).toBe(0)
  await visitor.leave()
})
