import { KitError } from '../errors.ts'
import { type Command, CommandFailed, type Runner } from '../run.ts'

/** An image that can be deployed, by the id that never changes. */
export type ApplicationImage = {
  reference: string
  id: string
  created: string
  /** Bytes on disk, layers shared with others included. */
  size: number
  variables: Record<string, string>
  /** It was not on this host before: its tag is the kit's to remove again. */
  pulled?: true
}

export const inspectImage = (reference: string): Command => ({
  file: 'docker',
  args: ['image', 'inspect', reference],
})
export const pullImage = (reference: string): Command => ({
  file: 'docker',
  args: ['pull', '--quiet', reference],
})

/** The repository of the tags below. */
export const RELEASES = 'ecomweb/release'

/** The tag that keeps a release of one stack; another stack on this host may keep the same image by its own. */
export const releaseTag = (stack: string, id: string): string => `${RELEASES}:${stack}-${shortId(id)}`

/** A tag of the kit's own keeps a release from `docker image prune`. */
export const keepImage = (stack: string, id: string): Command => ({
  file: 'docker',
  args: ['tag', id, releaseTag(stack, id)],
})

/** Twelve hex digits of an image id, as `docker images` shows them; other references unchanged. */
export const shortId = (reference: string): string =>
  /^sha256:([0-9a-f]{12})/.exec(reference)?.[1] ?? reference

/** Finds an image on this host, else pulls it. Errors: neither here nor to be had. */
export async function findImage(runner: Runner, reference: string): Promise<ApplicationImage> {
  const inspected = await runner.run(inspectImage(reference), { check: false })
  if (inspected.code !== 0) {
    const pulled = await runner.run(pullImage(reference), { check: false, timeoutMs: 600_000 })
    if (pulled.code !== 0) {
      throw new KitError(`image ${reference} is neither on this host nor can it be pulled`, {
        why: pulled.stderr.trim(),
        next: 'check the name with `docker images`, or log in with `docker login`, or build it first',
      })
    }
    return { ...parseImage(reference, (await runner.run(inspectImage(reference))).stdout), pulled: true }
  }
  return parseImage(reference, inspected.stdout)
}

/**
 * The variables that an image on this host declares; none where it is gone. Errors: the engine does not say: what an
 * image is must not be guessed.
 */
export async function declaredBy(runner: Runner, reference: string): Promise<Record<string, string>> {
  const command = inspectImage(reference)
  const inspected = await runner.run(command, { check: false })
  if (inspected.code === 0) return parseImage(reference, inspected.stdout).variables
  if (/no such image/i.test(inspected.stderr)) return {}
  throw new CommandFailed(command, inspected)
}

/** Parses the output of `docker image inspect`. */
export function parseImage(reference: string, json: string): ApplicationImage {
  const [raw] = JSON.parse(json) as {
    Id: string
    Created: string
    Size: number
    Config: { Env?: string[] }
  }[]
  if (!raw) throw new KitError(`the engine knows nothing of image ${reference}`)
  const variables = Object.fromEntries(
    (raw.Config.Env ?? []).map((line) => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )
  return { reference, id: raw.Id, created: raw.Created, size: raw.Size, variables }
}

/** What an image must declare with ENV. */
export const CONTRACT = ['READY_COMMAND', 'MIGRATE_COMMAND', 'API_ENTRY', 'CRON_ENTRY', 'WORKER_ENTRY']

/** What of the image contract this image does not declare. */
export const missingFromContract = (image: ApplicationImage): string[] =>
  CONTRACT.filter((name) => !image.variables[name])
