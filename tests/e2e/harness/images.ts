import { join } from 'node:path'
import { NAME_PREFIX } from './leftovers.ts'
import type { Stack } from './stack.ts'

export type Defect =
  | 'crash'
  | 'never-ready'
  | 'wrong-port'
  | 'failing-migration'
  | 'no-contract'
  | 'dead-reports'
/**
 * What passes every health check, and shows only under traffic (see image/misbehave.mjs):
 * - bad-errors: 3 % of the requests to the API are answered with 500;
 * - bad-route: every order look-up (GET /api/orders/:id) is, and nothing else;
 * - bad-post: 10 % of the POST requests are;
 * - bad-latency: each answer takes at least twice as long;
 * - bad-leak: memory grows, by requests and by time, until the container's limit ends a process.
 */
export const BAD_RELEASES = ['bad-errors', 'bad-route', 'bad-post', 'bad-latency', 'bad-leak'] as const
export type BadRelease = (typeof BAD_RELEASES)[number]

/**
 * A healthy version, named after what it is for; one with the migrations of a folder in image/migrations; one with
 * another web client; one that has no reports backend; one with a workflow that was changed, or that goes on with what
 * has begun; a defect.
 */
export type Variant =
  | `v-${string}`
  | `m-${string}`
  | `p-${string}`
  | 'new-web'
  | 'without-reports'
  | 'other-workflow'
  | Defect
  | BadRelease

const FOLDER = join(import.meta.dirname, 'image')

/** Variants that differ in their files; all others differ by the variable TEST_VARIANT alone. */
const OWN_STAGE: readonly Variant[] = [
  'failing-migration',
  'no-contract',
  'new-web',
  'dead-reports',
  'without-reports',
  'other-workflow',
]

const stageOf = (variant: Variant): string => {
  if (variant.startsWith('m-')) return 'with-migrations'
  if (variant.startsWith('p-')) return 'patched-workflow'
  return OWN_STAGE.includes(variant) ? variant : 'healthy'
}

/** The test's own name for the image that the stack was started with: a build cannot begin from a bare id. */
const shippedTag = (stack: Stack): string => `${stack.info.name}:shipped`

/** Names the shipped image; to be called before anything else is deployed. */
export async function tagShipped(stack: Stack): Promise<void> {
  const id = await stack.inspect(stack.container('api_blue'), '{{.Image}}')
  await stack.docker(['tag', id, shippedTag(stack)])
}

/** Builds a variant of the shipped image, once per stack; returns its reference. */
export async function buildImage(stack: Stack, variant: Variant): Promise<string> {
  const run = stack.info.name.slice(NAME_PREFIX.length)
  const reference = `${stack.info.name}:${variant}`
  if ((await stack.docker(['image', 'inspect', reference], { check: false })).code === 0) return reference
  await stack.docker([
    'build',
    ...['--build-arg', `SHIPPED=${shippedTag(stack)}`],
    ...['--build-arg', `TEST_RUN=${run}`, '--build-arg', `TEST_VARIANT=${variant}`],
    ...['--target', stageOf(variant)],
    ...['--tag', reference, FOLDER],
  ])
  return reference
}

/** The id of an image on this host. */
export const imageId = async (stack: Stack, reference: string): Promise<string> =>
  (await stack.docker(['image', 'inspect', '--format', '{{.Id}}', reference])).stdout.trim()
