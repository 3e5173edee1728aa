/** Days are UTC days, YYYY-MM-DD, wherever the reader is. */
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' })

const short = format({ day: 'numeric', month: 'short' })
const full = format({ day: 'numeric', month: 'short', year: 'numeric' })
const month = format({ month: 'short', year: 'numeric' })

export const shortDay = (day: string): string => short.format(new Date(day))

export const fullDay = (day: string): string => full.format(new Date(day))

/** Of a day or of YYYY-MM. */
export const monthName = (day: string): string => month.format(new Date(day))

export const dayRange = ({ from, to }: { from: string; to: string }): string =>
  format({ dateStyle: 'medium' }).formatRange(new Date(from), new Date(to))
