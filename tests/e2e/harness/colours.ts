import { runningContainers } from './containers.ts'
import { buildImage, imageId, type Variant } from './images.ts'
import { type Colour, other, type Stack } from './stack.ts'
import { waitUntil } from './wait.ts'

const COLOURS: Colour[] = ['blue', 'green']

type Ready = { ready: boolean; image?: string; workers?: { ready: number; expected: number } }

/** What a colour says of itself, through the edge; undefined while it does not answer. */
export async function readiness(stack: Stack, colour: Colour): Promise<Ready | undefined> {
  const answer = await stack.preview(colour, '/ready').catch(() => undefined)
  if (!answer || answer.servedBy !== colour) return undefined
  return JSON.parse(answer.body.toString('utf8')) as Ready
}

/** Waits until a colour can take traffic: ready, with all its processes. */
export const untilReady = (stack: Stack, colour: Colour): Promise<Ready> =>
  waitUntil(`${colour} is ready`, async () => {
    const said = await readiness(stack, colour)
    return said?.ready && said.workers?.ready === said.workers?.expected && said
  })

/**
 * Puts a test image on both colours and the background services without a deploy, unless they run some; `alike`: one and
 * the same, so that a switch moves traffic and nothing else.
 */
export async function startFromTestImages(stack: Stack, { alike = false } = {}): Promise<void> {
  const slow = await Promise.all(COLOURS.map((colour) => stack.preview(colour, '/slow?ms=0')))
  const differ = stack.setting('API_BLUE_IMAGE') !== stack.setting('API_GREEN_IMAGE')
  if (slow.every(({ status }) => status === 200) && !(alike && differ)) return
  await runEverywhere(stack, 'v-first')
}

/** Has every service run an image, without a deploy; of what ran before, nothing is left. */
export async function runEverywhere(stack: Stack, variant: Variant): Promise<void> {
  const id = await imageId(stack, await buildImage(stack, variant))
  for (const name of ['API_BLUE_IMAGE', 'API_GREEN_IMAGE', 'BACKGROUND_IMAGE']) stack.edit(name, id)
  stack.edit('WORKER_PREVIOUS_REPLICAS', '0')
  await restore(stack)
}

/** Puts an image on the colour without traffic, without a deploy; the container starts afresh. */
export async function runOn(stack: Stack, colour: Colour, reference: string): Promise<void> {
  stack.edit(`API_${colour.toUpperCase()}_IMAGE`, await imageId(stack, reference))
  await stack.compose(['up', '-d', '--no-deps', '--force-recreate', `ecomweb_api_${colour}`])
  await untilReady(stack, colour)
}

/** Whatever a test left: everything that `.env` names runs again, healthy, and both colours are ready. */
export async function restore(stack: Stack): Promise<void> {
  // What was paused counts as unhealthy until its next check, and Compose refuses what depends on it meanwhile.
  await waitUntil(
    'docker compose up -d works',
    async () => (await stack.compose(['up', '-d', '--quiet-pull'], { check: false })).code === 0,
  )
  await Promise.all(COLOURS.map((colour) => untilReady(stack, colour)))
  await waitUntil('all containers are healthy', async () =>
    (await runningContainers(stack)).every(({ health }) => health === 'healthy' || health === 'none'),
  )
}

/** The colour without traffic. */
export const idleColour = async (stack: Stack): Promise<Colour> => other(await stack.active())
