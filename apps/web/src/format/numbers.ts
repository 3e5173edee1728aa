import { CURRENCY } from './money.ts'

/** What stands where there is nothing to say. */
export const NOTHING = '–'

const formats = new Map<string, Intl.NumberFormat>()

function formatted(value: number, locale: string, options: Intl.NumberFormatOptions): string {
  const key = locale + JSON.stringify(options)
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, options)
  formats.set(key, format)
  return format.format(value)
}

export const count = (value: number, locale = navigator.language): string =>
  formatted(value, locale, { maximumFractionDigits: 0 })

/** Always with one digit, so that figures stand below each other: 12 is "12.0%" in English. */
export const percent = (value: number, locale = navigator.language): string =>
  formatted(value / 100, locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })

/** As somebody would say it: 12 is "12%", 12.5 is "12.5%". */
export const plainPercent = (value: number, locale = navigator.language): string =>
  formatted(value / 100, locale, { style: 'percent', maximumFractionDigits: 2 })

/** With its sign, for changes: 12.34 is "+12.3%". */
export const percentChange = (value: number, locale = navigator.language): string =>
  formatted(value / 100, locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })

/** The difference of two percentages: 12.34 is "+12.3 points". */
export const pointsChange = (value: number, locale = navigator.language): string =>
  `${formatted(value, locale, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })} points`

/** How many times as much: 3.456 is "3.46×". */
export const times = (value: number, locale = navigator.language): string =>
  `${formatted(value, locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}×`

/** Cents as they stand beside an axis, where there is little room: 1234500 is "€12K", 1150 is "€11.5". */
export const shortMoney = (cents: number, locale = navigator.language): string =>
  formatted(cents / 100, locale, {
    style: 'currency',
    currency: CURRENCY,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  })

export const shortCount = (value: number, locale = navigator.language): string =>
  formatted(value, locale, { notation: 'compact', maximumFractionDigits: 1 })

/** Formats what may be unknown. */
export const orNothing = <T>(value: T | null | undefined, format: (value: T) => string): string =>
  value === null || value === undefined ? NOTHING : format(value)
