import { KitError } from '../errors.ts'
import type { Mirror } from '../host/apt.ts'
import { readMirror } from '../host/mirror.ts'
import type { Progress } from '../output/progress.ts'
import { CommandFailed, execRunner, type Runner } from '../run.ts'
import { inspectCommand, pullCommand } from './commands.ts'
import { buildStandIn } from './standin.ts'
import { STANDINS } from './table.ts'

export type Source = 'local' | 'pulled' | 'built'

/** An image that is there: `use` is the reference to run, another one only when a fallback was built. */
export type EnsuredImage = { reference: string; use: string; source: Source; id: string }

type Options = {
  runner: Runner
  progress: Progress
  images: string[]
  /** Where Debian packages come from; given by tests. */
  mirror?: () => Mirror
}

/** The daemon gives up on a silent registry by itself after seconds; this limit only ends a stalled download. */
const PULL_LIMIT_MS = 15 * 60_000

/**
 * Makes sure that every image exists on this host: as it is, else pulled, else built as a stand-in.
 * Once the registry turned out to be out of reach, it is not asked again.
 */
export async function ensureImages({
  runner,
  progress,
  images,
  mirror = readMirror,
}: Options): Promise<EnsuredImage[]> {
  const reader = runner.dry ? execRunner() : runner
  const ensured = new Map<string, EnsuredImage>()
  const local = new Map(
    await Promise.all(images.map(async (image) => [image, await localId(reader, image)] as const)),
  )
  let unreachable: string | undefined

  for (const image of images) await ensure(image)
  const found = images.filter((image) => ensured.get(image)?.source === 'local')
  if (found.length > 0) progress.note(`already on this host: ${found.join(', ')}`)
  return images.flatMap((image) => ensured.get(image) ?? [])

  async function ensure(reference: string): Promise<void> {
    if (ensured.has(reference)) return
    const id = local.get(reference) ?? (await localId(reader, reference))
    if (id) return keep(reference, reference, 'local', id)
    const refused = unreachable ?? (await pull(reference))
    if (refused === undefined) return keep(reference, reference, 'pulled')
    const standIn = STANDINS[reference]
    if (!standIn) throw unavailable(reference, refused)
    for (const need of standIn.needs) await ensure(need)
    try {
      await buildStandIn({ runner, progress, mirror: mirror() }, reference, standIn)
      return keep(reference, reference, 'built')
    } catch (error) {
      const fallback = 'fallback' in standIn.recipe ? standIn.recipe.fallback : undefined
      if (!fallback || !(error instanceof KitError)) throw error
      progress.note(
        `${fallback} takes the place of ${reference}: ${error.why?.split('\n').at(-1) ?? error.message}`,
      )
      await ensure(fallback)
      return keep(reference, fallback, 'built')
    }
  }

  /** Undefined when the image was pulled, else the reason why not. */
  async function pull(reference: string): Promise<string | undefined> {
    try {
      await progress.step(`pull ${reference}`, (detail) =>
        runner.run(pullCommand(reference), { timeoutMs: PULL_LIMIT_MS, stream: detail }),
      )
      return undefined
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      const reason = error.result.stderr.trim()
      if (isUnreachable(reason)) {
        unreachable = reason
        progress.note('no container registry can be reached: images are built from packages instead')
      }
      return reason
    }
  }

  async function keep(reference: string, use: string, source: Source, known?: string): Promise<void> {
    const id = known ?? (await localId(reader, use)) ?? ''
    ensured.set(reference, { reference, use, source, id })
  }
}

/** Whether a failed pull says that no registry answered, rather than that it lacks this one image. */
export const isUnreachable = (reason: string): boolean =>
  /no such host|lookup .+ on|dial tcp|i\/o timeout|connection (refused|reset)|deadline exceeded|Client\.Timeout|x509|tls:|network is unreachable|EOF|proxyconnect|ended by SIGKILL/i.test(
    reason,
  )

/** The id of an image on this host. */
export async function localId(reader: Runner, reference: string): Promise<string | undefined> {
  const { code, stdout } = await reader.run(inspectCommand(reference), { check: false })
  return code === 0 ? stdout.trim() : undefined
}

const unavailable = (reference: string, reason: string): KitError =>
  new KitError(`image ${reference} is not on this host, cannot be pulled, and has no stand-in`, {
    why: reason,
    next: `docker pull ${reference}   (or, where no registry can be reached: docker load < image.tar)`,
  })
