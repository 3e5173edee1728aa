const UNITS: Record<string, number> = { us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The longest value of a time-out in HAProxy's configuration, in milliseconds; undefined when it is never set.
 * A number without a unit is milliseconds (configuration.txt, section 2.5, "Time format").
 */
export function edgeTimeout(configuration: string, name: string): number | undefined {
  const pattern = new RegExp(`^[ \\t]*${name.replace(' ', '[ \\t]+')}[ \\t]+(\\d+)(us|ms|s|m|h|d)?\\b`, 'gm')
  const values = [...configuration.matchAll(pattern)].map(
    ([, amount, unit]) => Number(amount) * (UNITS[unit ?? 'ms'] ?? 1),
  )
  return values.length > 0 ? Math.max(...values) : undefined
}
