import { releaseTag } from '../docker/application-image.ts'
import type { Release } from '../history/releases.ts'
import { rollbackTargets, served } from '../history/serving.ts'

/** What a stack keeps of its releases: image tags as in `releaseTag`, folders by release id. */
export type Stored = { tags: readonly string[]; folders: readonly string[] }

export type Known = {
  stack: string
  /** Newest first. */
  releases: readonly Release[]
  /** Ids of images that a container or `.env` names. */
  inUse: readonly string[]
}

export type Removal = {
  tags: string[]
  /** What the kit pulled for these; another image may bear the reference by now. */
  pulled: { reference: string; image: string }[]
  folders: string[]
}

/** However full the disk: what serves, and what it may go back to. */
export const LEAST = 2

/**
 * The releases to keep: the last `keep` that served, every rollback target, what is in use, and the newest of all
 * and the newest deploy, however they ended, since somebody is about to ask why.
 */
export function releasesToKeep({ releases, inUse }: Known, keep: number): Set<Release> {
  const newestServed = [...new Set(served(releases).toReversed())].filter(
    ({ command }) => command === 'deploy',
  )
  const using = inUse.map((id) => releases.find(({ image }) => image === id))
  const newest = [releases[0], releases.find(({ command }) => command === 'deploy')]
  const kept = [
    ...newestServed.slice(0, Math.max(keep, LEAST)),
    ...rollbackTargets(releases),
    ...using,
    ...newest,
  ]
  return new Set(kept.filter((release) => release !== undefined))
}

/**
 * What may go: tags of this stack and folders that no release to keep needs, and the references that the kit pulled
 * for those that go. A rollback reads the journal, so what the journal does not know goes too; where the journal
 * knows nothing at all, nothing does.
 */
export function toRemove(known: Known, { tags, folders }: Stored, keep: number): Removal {
  const { stack, releases, inUse } = known
  if (releases.length === 0) return { tags: [], pulled: [], folders: [] }
  const kept = [...releasesToKeep(known, keep)]
  const keptIds = new Set(kept.map(({ id }) => id))
  const images = [...inUse, ...kept.map(({ image }) => image)].filter((image) => image !== undefined)
  const keptTags = new Set(images.map((image) => releaseTag(stack, image)))
  const gone = tags.filter((tag) => isTagOf(stack, tag) && !keptTags.has(tag))
  const references = new Set(kept.map(({ reference }) => reference))
  const pulled = releases.flatMap(({ image, reference, pulled }) =>
    image && reference && pulled && !references.has(reference) && gone.includes(releaseTag(stack, image))
      ? [{ reference, image }]
      : [],
  )
  return {
    tags: gone,
    pulled,
    folders: folders.filter((id) => !keptIds.has(id)),
  }
}

/** Stacks called `shop` and `shop-test` share a host: what follows the name must be an image id, and nothing else. */
const isTagOf = (stack: string, tag: string): boolean => {
  const id = tag.slice(releaseTag(stack, '').length)
  return /^[0-9a-f]{12}$/.test(id) && tag === releaseTag(stack, id)
}
