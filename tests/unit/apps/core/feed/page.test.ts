import { expect, test } from 'vitest'
import { complaintOf, formOf, readPage } from '../../../../../apps/core/feed/phpmyadmin/page.ts'

const url = new URL('https://db.example.com/phpmyadmin/index.php?route=/')
const signal = new AbortController().signal

const pageOf = (html: string, type = 'text/html; charset=utf-8') =>
  readPage({ url, response: new Response(html, { headers: { 'content-type': type } }) }, signal)

const FORM = `<title>phpMyAdmin</title><form id="f" action="index.php?route=/export">
  <input type="hidden" name="token" value="a&amp;b"><input name="empty"><input type="submit" name="go" value="Go">
  <input type="radio" name="all" value="0"><input type="radio" name="all" value="1" checked>
  <input type="checkbox" name="off" value="1"><input type="checkbox" name="on" checked>
  <select name="kind"><option value="sql">SQL</option><option value="csv" selected>CSV</option></select>
  <select name="first"><option>one</option><option>two</option></select><textarea name="text">some</textarea>
  <input name="never" value="1" disabled></form>`

test('a form sends what a browser would', async () => {
  const { action, fields } = formOf(await pageOf(FORM), '#f', ['token', 'kind'])
  expect(action.href).toBe('https://db.example.com/phpmyadmin/index.php?route=/export')
  expect(fields).toEqual({
    ...{ token: 'a&b', empty: '', all: '1', on: 'on', kind: 'csv', first: 'one', text: 'some' },
  })
})

test('what is missing of a form is named', async () => {
  const page = await pageOf(FORM)
  expect(() => formOf(page, '#f', ['token', 'csv_null', 'what'])).toThrow('the form #f has no csv_null, what')
  expect(() => formOf(page, '#g', [])).toThrow(
    '/phpmyadmin/index.php is not phpMyAdmin\'s page as known ("phpMyAdmin"): the form #g is missing',
  )
})

test('what phpMyAdmin complains about comes before what is missing', async () => {
  const page = await pageOf(
    '<div class="alert alert-danger"><b>#1146</b> Table &#039;a&#039;\n is missing</div>',
  )
  expect(() => formOf(page, '#f', [])).toThrow("phpMyAdmin says: #1146 Table 'a' is missing")
})

test('complaints that a browser hides are none', async () => {
  const page = await pageOf(`<noscript><div class="alert-danger">no script</div></noscript>
    <div class="hide"><p class="alert-danger">no TLS</p></div>`)
  expect(complaintOf(page)).toBeUndefined()
})

test('what is not a page is said to be none', async () => {
  await expect(pageOf('{}', 'application/json')).rejects.toThrow(
    '/phpmyadmin/index.php is not a page of phpMyAdmin but application/json',
  )
})
