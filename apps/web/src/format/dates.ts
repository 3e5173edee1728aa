const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** Day and time in the reader's language and time zone. */
export const dateTime = (iso: string): string => full.format(new Date(iso))

export const timeOfDay = (iso: string): string => time.format(new Date(iso))
