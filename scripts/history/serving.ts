import type { Colour } from '../stack/colours.ts'
import { isGood, type Release } from './releases.ts'

/**
 * The deploys that served, in this order, oldest first, once for each time: a switch and a rollback bring one back.
 * The last one serves now.
 */
export function served(newestFirst: readonly Release[]): Release[] {
  const runs: Partial<Record<Colour, Release>> = {}
  const order: Release[] = []
  for (const release of newestFirst.toReversed()) {
    if (!isGood(release)) continue
    const deploy = release.command === 'deploy' ? release : broughtBack(release, runs, order)
    if (release.to) runs[release.to] = deploy
    order.push(deploy)
  }
  return order
}

/** What a rollback or switch made serve again: what the colour ran, unless the image says that it was another. */
function broughtBack(release: Release, runs: Partial<Record<Colour, Release>>, order: Release[]): Release {
  const warm = release.to && runs[release.to]
  if (warm && (!release.image || warm.image === release.image)) return warm
  return order.findLast(({ image }) => image === release.image) ?? release
}

/**
 * What a rollback may go to: the deploy that served before the one that does, and the last one of another image.
 * What `up` once started has no release, so that nobody can name it.
 */
export function rollbackTargets(newestFirst: readonly Release[]): Release[] {
  const order = served(newestFirst)
  const now = order.at(-1)
  const named = order.filter(({ command, image }) => command === 'deploy' && image !== undefined)
  const before = named.findLast(({ id }) => id !== now?.id)
  // An old journal does not say what a switch brought back: then both of the last two images may be the way.
  const current = now?.image ?? before?.image
  const different = named.findLast(({ image }) => image !== current)
  return [...new Set([before, different].filter((release) => release !== undefined))]
}
