/** What the shop charges in. */
export const CURRENCY = 'EUR'

const formats = new Map<string, Intl.NumberFormat>()

/** Cents as a price in the reader's language: 1250 is "€12.50" in English. */
export function money(cents: number, locale = navigator.language): string {
  let format = formats.get(locale)
  if (!format) {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency: CURRENCY })
    formats.set(locale, format)
  }
  return format.format(cents / 100)
}

/**
 * What somebody typed as a price, in cents; undefined if it is none. A comma or a point parts the cents, and the
 * result never goes through a fraction: 19.99 is 1999.
 */
export function parseMoney(text: string): number | undefined {
  const match = /^\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*$/.exec(text)
  if (!match) return undefined
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

/** Cents as they are typed: 1250 is "12.50". */
export function plainMoney(cents: number): string {
  return `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}
