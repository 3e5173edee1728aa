import type { ShopEvent } from './types.ts'

/** A message of the WebSocket; undefined if it is none. The id is read digit by digit: it may exceed 2^53. */
export function parseMessage(text: string): ShopEvent | undefined {
  try {
    const exact = (key: string, value: unknown, context?: { source?: string }) =>
      key === 'id' && typeof value === 'number' ? (context?.source ?? String(value)) : value
    const { id, event, data } = JSON.parse(text, exact) as Record<string, unknown>
    return typeof id === 'string' && typeof event === 'string' ? { id, event, data } : undefined
  } catch {
    return undefined
  }
}

/** The data of an event of the stream: JSON as a rule. */
export function parseData(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
