/** An event of a history: by its number, and by its type as Temporal's web interface writes it. */
export type NamedEvent = { id: number; type: string }

type Event = { eventId?: unknown }

const SUFFIX = 'EventAttributes'

/** Of an event as the client has it: the name of its type is that of its attributes. */
export function typeOf(event: Event): string {
  const key = Object.entries(event).find(([name, value]) => name.endsWith(SUFFIX) && value != null)?.[0] ?? ''
  return key.slice(0, 1).toUpperCase() + key.slice(1, -SUFFIX.length)
}

/** The reason out of the several kilobytes in which Temporal's library wraps it. */
export function reasonOf(error: Error): string {
  const [, text] = /message: "((?:[^"\\]|\\.)*)"/.exec(error.message) ?? []
  const words = text === undefined ? error.message : unescaped(text)
  return words.replace(/^\[TMPRL\d+\] Nondeterminism error: /, '').split('\n')[0] ?? ''
}

const unescaped = (text: string): string => {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return text
  }
}

/**
 * The event at which a replay ended, by what its reason says: its number, or else the first event with the name of
 * which it speaks. Undefined for a reason that speaks of none, such as a workflow that throws.
 */
export function eventOf(reason: string, events: readonly Event[]): NamedEvent | undefined {
  const [, id, type] = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(reason) ?? []
  if (id && type) return { id: Number(id), type }
  const [, name] = /(?:event|marker) '([^']+)'/.exec(reason) ?? /for change (.+?),/.exec(reason) ?? []
  const found = name === undefined ? undefined : events.find((event) => mentions(event, name))
  return found && { id: Number(found.eventId), type: typeOf(found) }
}

/** Names stand as they are, or inside of payloads, which are bytes. */
function mentions(value: unknown, name: string): boolean {
  if (typeof value === 'string') return value === name
  if (value instanceof Uint8Array) return Buffer.from(value).includes(`"${name}"`)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((part) => mentions(part, name))
}
