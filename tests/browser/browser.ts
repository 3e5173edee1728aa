import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { stack } from '../e2e/harness/current.ts'

/** Debian's and Alpine's names, and Google's own. */
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Kept, to be looked at after a run. */
export const SCREENSHOTS = join(import.meta.dirname, '../../.ecomweb/screenshots')

export type Visit = {
  page: Page
  /** What the page complained of: exceptions, and lines on the console that are errors. */
  complaints: string[]
  /** Keeps what it looks like under a name. */
  picture(name: string): Promise<void>
  leave(): Promise<void>
}

let browser: Browser | undefined

/** Starts Chromium for a test file; `visit` then opens pages. */
export function withBrowser(): void {
  beforeAll(async () => {
    const executablePath = PROGRAMS.find((program) => existsSync(program))
    if (!executablePath) throw new Error('there is no Chromium: apt-get install chromium')
    mkdirSync(SCREENSHOTS, { recursive: true })
    // Tests run as root in a container of their own, where Chromium's sandbox cannot be set up.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  })
  afterAll(async () => {
    await browser?.close()
    browser = undefined
  })
}

/** A visitor with a browser profile of their own. The stack's address comes first in every path. */
export async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
  if (!browser) throw new Error('withBrowser() comes first')
  const context = await browser.newContext({ baseURL: stack.url, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    // What the network answered is in the text of the page; Chromium also notes it on the console.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text())
    }
  })
  return {
    page,
    complaints,
    picture: async (name) => {
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
    },
    leave: () => context.close(),
  }
}

let visitors = 0
/** The address and password of somebody who has never been here. */
export const newcomer = () => {
  visitors += 1
  return { email: `visitor-${process.pid}-${visitors}@example.com`, password: 'tall violet ladder dreaming' }
}

/** Registers through the page; ends where somebody who has signed in lands. */
export async function register(
  { page }: Visit,
  { email, password }: ReturnType<typeof newcomer>,
): Promise<void> {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Register' }).click()
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await page.waitForURL(({ pathname }) => pathname !== '/sign-in')
}

/** Signs in through the page. */
export async function signIn({ page }: Visit, email: string, password: string): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(({ pathname }) => pathname !== '/sign-in')
}

export const expectNoComplaints = ({ complaints }: Visit): void => expect(complaints).toEqual([])
