import { expect, test } from 'vitest'
import { htmlOf } from '../../../../apps/worker/mail/html.ts'
import { type MailKind, mailOf } from '../../../../apps/worker/mails.ts'

const order = { id: 'a1', email: 'anna@example.com', totalCents: 1250, failure: null }
const mail = (status: string, failure: string | null = null) => {
  const made = mailOf({ ...order, status, failure })
  if (!made) throw new Error(`there is no mail of an order that is ${status}`)
  return made
}
const text = (html: string) => html.replace(/<style.*?<\/style>|<[^>]+>/gs, '').replaceAll('&#39;', "'")

test.each<[string, MailKind, string]>([
  ['completed', 'confirmation', 'Thank you for your order'],
  ['cancelled', 'cancellation', 'Your order is cancelled'],
  ['refunded', 'refund', 'Your money is on its way'],
])(
  'the HTML of a mail of an order that is %s says what its text says, under a title of its own',
  (status, kind, title) => {
    const made = mail(status)
    const html = htmlOf(made, 'https://shop.example.com')
    expect(made.kind).toBe(kind)
    expect(text(html)).toContain(made.body)
    expect(html).toContain(`>${title}</h1>`)
    expect(html).toContain('href="https://shop.example.com"')
  },
)

test('whatever a mail says is text in its HTML too', () => {
  const html = htmlOf(
    mail('cancelled', `<img src=x onerror="alert('1')"> & more`),
    'https://shop.example.com',
  )
  expect(html).not.toContain('<img')
  expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; more')
  const strange = htmlOf({ kind: 'report', subject: '</title><script>', body: 'x' }, '"><script>')
  expect(strange).not.toContain('<script>')
})

test('the paragraphs of a text are paragraphs, and its lines stay lines', () => {
  const html = htmlOf(
    { kind: 'report', subject: 'Report', body: 'One\nTwo\n\nThree' },
    'https://shop.example.com',
  )
  expect([...html.matchAll(/<p [^>]*pre-wrap">([^<]*)<\/p>/g)].map(([, inner]) => inner)).toEqual([
    'One\nTwo',
    'Three',
  ])
})
