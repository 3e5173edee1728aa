import type { Round } from './rounds.ts'

/** What stays the same from round to round is said once. */
export function kindOf({ action, to, short, waits }: Round): string {
  if (waits) return `${waits} ${to}`
  return action === 'stay' && short ? 'short' : action
}

/** The line for people; undefined where nothing has happened since the line before, whose kind is `said`. */
export function lineOf(round: Round, said: string | undefined): string | undefined {
  const kind = kindOf(round)
  const { action, workers, to, reason, waits, ill } = round
  const acted = !waits && (action === 'up' || action === 'down' || action === 'adopt')
  if (!acted && kind === said) return undefined
  if (waits) return `${count(to)} wanted (${reason}), not yet: ${waits}`
  const but = ill ? `, but ${ill}` : ''
  switch (action) {
    case 'up':
    case 'down':
      return `${workers} → ${count(to)}: ${reason}${but}`
    case 'adopt':
      return `${count(to)} from now on: ${reason}${but}`
    case 'held':
      return `${reason} until the limits change or ./ecomweb autoscale --reset`
    case 'locked':
      return `${reason}: the workers are left alone`
    case 'problem':
      return `the workers stay as they are: ${reason}`
    case 'unsettled':
      return undefined
    case 'stay':
      return round.short ? `${workers} workers, which is the most: ${reason}` : aside(round, said)
  }
}

/** That all is as it should be is news only at first, and after it was not. */
const aside = ({ workers, reason }: Round, said: string | undefined): string | undefined =>
  said === undefined || !['stay', 'up', 'down', 'adopt'].includes(said)
    ? `${count(workers)}: ${reason}`
    : undefined

const count = (workers = 0): string => `${workers} ${workers === 1 ? 'worker' : 'workers'}`
