import { type HTMLElement, parse } from 'node-html-parser'
import { FeedError } from '../feed-error.ts'
import { type Answer, bytesOf, type Fields } from './session.ts'

/** In characters; an export form is about 100,000 long. */
const LONGEST_PAGE = 16_000_000

/** What a form would send where it is left as it came: `action` is absolute. */
export type Form = { action: URL; fields: Fields }

/** A page of phpMyAdmin, and where it was found. */
export type Page = { url: URL; root: HTMLElement }

/** Reads an answer as a page. Errors: FeedError when it is none, or too long for one, or cut. */
export async function readPage(answer: Answer, signal: AbortSignal): Promise<Page> {
  const { url, response } = answer
  const type = response.headers.get('content-type') ?? 'something without a type'
  if (!type.includes('html')) {
    await response.body?.cancel()
    throw new FeedError(`${url.pathname} is not a page of phpMyAdmin but ${type}`)
  }
  let html = ''
  const decoder = new TextDecoder()
  for await (const bytes of bytesOf(answer, signal)) {
    html += decoder.decode(bytes, { stream: true })
    if (html.length > LONGEST_PAGE)
      throw new FeedError(`${url.pathname} is longer than any page of phpMyAdmin`)
  }
  return { url, root: parse(html) }
}

/**
 * The form that a selector finds, with its fields' present values. Errors: FeedError that names what is missing of
 * the form and the fields that are needed, or says what phpMyAdmin itself complains about.
 */
export function formOf(page: Page, selector: string, needed: string[]): Form {
  const form = page.root.querySelector(selector)
  if (!form) {
    const complaint = complaintOf(page)
    throw new FeedError(
      complaint ? `phpMyAdmin says: ${complaint}` : notFound(page, `the form ${selector} is missing`),
    )
  }
  const named = new Set(form.querySelectorAll('[name]').map((field) => field.getAttribute('name')))
  const missing = needed.filter((name) => !named.has(name))
  if (missing.length > 0)
    throw new FeedError(notFound(page, `the form ${selector} has no ${missing.join(', ')}`))
  return { action: new URL(form.getAttribute('action') ?? '', page.url), fields: fieldsOf(form) }
}

/** What phpMyAdmin complains about on a page, as plain text; complaints that it hides are about the browser. */
export function complaintOf({ root }: Page): string | undefined {
  const texts = root
    .querySelectorAll('.alert-danger')
    .filter((alert) => !alert.closest('noscript') && !alert.closest('.hide'))
    .map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '')
  return texts.length > 0 ? [...new Set(texts)].join(': ').slice(0, 300) : undefined
}

const notFound = ({ url, root }: Page, what: string): string => {
  const title = root.querySelector('title')?.textContent.trim()
  return `${url.pathname} is not phpMyAdmin's page as known ("${title ?? 'without a title'}"): ${what}`
}

/** As a browser sends it: what is checked or selected, without buttons. */
function fieldsOf(form: HTMLElement): Fields {
  const fields: Fields = {}
  for (const field of form.querySelectorAll('input[name], select[name], textarea[name]')) {
    const value = sentBy(field)
    if (value !== undefined && !field.hasAttribute('disabled'))
      fields[field.getAttribute('name') ?? ''] = value
  }
  return fields
}

function sentBy(field: HTMLElement): string | undefined {
  if (field.rawTagName === 'textarea') return field.textContent
  if (field.rawTagName === 'select') {
    const option = field.querySelector('option[selected]') ?? field.querySelector('option')
    return option?.getAttribute('value') ?? option?.textContent
  }
  const type = field.getAttribute('type') ?? 'text'
  if (['submit', 'button', 'image', 'reset', 'file'].includes(type)) return undefined
  if (['checkbox', 'radio'].includes(type))
    return field.hasAttribute('checked') ? (field.getAttribute('value') ?? 'on') : undefined
  return field.getAttribute('value') ?? ''
}
