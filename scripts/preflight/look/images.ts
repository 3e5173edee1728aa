import { type ApplicationImage, inspectImage, parseImage } from '../../docker/application-image.ts'
import { localId } from '../../images/ensure.ts'
import type { Runner } from '../../run.ts'
import type { Candidate, Service, Whereabouts } from '../facts.ts'
import { lastLine } from './engine.ts'

/** A registry that is silent for longer will not carry a deploy either. */
const REGISTRY_LIMIT_MS = 20_000

/** The image to deploy, or that serves. Nothing is pulled: whether it could be is asked. */
export async function readCandidate(
  runner: Runner,
  serving: string,
  asked: string | undefined,
): Promise<Candidate> {
  const reference = asked ?? serving
  const image = await readImage(runner, reference)
  const whereabouts = image ? { reference, where: 'here' as const } : await askRegistry(runner, reference)
  const size = (image ?? (await readImage(runner, serving)))?.size ?? 0
  return { whereabouts, image, size, asked: asked !== undefined }
}

async function readImage(runner: Runner, reference: string): Promise<ApplicationImage | undefined> {
  const { code, stdout } = await runner.run(inspectImage(reference), { check: false })
  return code === 0 ? parseImage(reference, stdout) : undefined
}

/** Where the images of all other services are; those that Compose builds itself are left out. */
export async function readImages(
  runner: Runner,
  services: Service[],
  candidate: string,
): Promise<Whereabouts[]> {
  const built = new Set(services.filter(({ builds }) => builds).map(({ image }) => image))
  const wanted = services.filter(
    ({ image, replicas }) => replicas > 0 && !built.has(image) && image !== candidate,
  )
  const references = [...new Set(wanted.map(({ image }) => image))]
  return Promise.all(
    references.map(async (reference) =>
      (await localId(runner, reference))
        ? { reference, where: 'here' as const }
        : askRegistry(runner, reference),
    ),
  )
}

async function askRegistry(runner: Runner, reference: string): Promise<Whereabouts> {
  if (reference.startsWith('sha256:'))
    return { reference, where: 'nowhere', why: 'an image id is known to one host only' }
  const command = { file: 'docker', args: ['manifest', 'inspect', reference] }
  const { code, stderr } = await runner.run(command, { check: false, timeoutMs: REGISTRY_LIMIT_MS })
  if (code === 0) return { reference, where: 'registry' }
  return { reference, where: 'nowhere', why: lastLine(stderr) }
}
