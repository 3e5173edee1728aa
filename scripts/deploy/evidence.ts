import type { StackContext } from '../context.ts'
import {
  type Container,
  containerLogs,
  containerOf,
  filesChangedIn,
  inspectContainers,
  processesOf,
  stopContainer,
} from '../docker/containers.ts'
import type { Disk } from '../ports.ts'
import type { Command } from '../run.ts'
import { isSecretName, redact, redactedJson } from '../settings/secrets.ts'
import { apiService, imageVariable } from '../stack/colours.ts'
import type { World } from '../world.ts'
import { newId, readJournal } from './journal.ts'
import type { Plan } from './plan.ts'
import { unfinished } from './unfinished.ts'

const FAILURES = '.ecomweb/failures'
const LINES = 10_000
/** Failed releases whose evidence is kept. */
const KEPT = 5

/** What a container wrote: the file in the folder of a failure. */
export const logOf = (folder: string, service: string): string => `${folder}/${service}.log`

/**
 * Keeps what a failed release's colour leaves behind, then lets it end within its grace; resolves with the folder.
 *
 * The container itself cannot stay beside the one that takes its place. Compose knows the containers of a service by
 * labels alone, which an engine never changes once a container is made: one that was stopped, renamed and taken off its
 * networks is still recreated and removed by the next `docker compose up` of that service, the one that brings the old
 * image back included (tried with Compose 2.40). So everything that a stopped container consists of is kept: its
 * output to the end, its state and settings without secrets, what ran in it, and which files it had changed (no more
 * than mount points: its root is read-only). Its image is kept by its tag, and `why` names the command that starts it
 * again beside the stack, without its port and without the name by which HAProxy finds it.
 */
export async function keepFailed({ world, env }: StackContext, plan: Plan): Promise<string | undefined> {
  const variable = imageVariable(plan.to)
  const container = await containerOf(world.read, env.ECOMWEB_NAME, apiService(plan.to))
  // After a crash the old image may be back already; where both are the same, nothing is replaced.
  if (container?.image !== plan.image || plan.before[variable] === plan.image) return undefined
  const { folder } = await keepEvidence(world, container, { end: true })
  return folder
}

/** Writes down what is known of a container; `end` stops it meanwhile, so that its last words are in it. */
export async function keepEvidence(
  world: World,
  container: Pick<Container, 'name' | 'service'>,
  { end = false } = {},
): Promise<{ output: string; folder: string | undefined }> {
  const { name, service } = container
  const ask = async (command: Command) => {
    const { code, stdout, stderr } = await world.read.run(command, { check: false })
    return { code, text: redact(`${stdout}${stderr}`) }
  }
  const [inspected, processes] = [
    await world.read.run(inspectContainers([name]), { check: false }),
    await ask(processesOf(name)),
  ]
  if (end) await world.runner.run(stopContainer(name), { check: false })
  const [{ text: output }, files] = [await ask(containerLogs(name, LINES)), await ask(filesChangedIn(name))]
  const folder = await save(world, {
    [`${service}.log`]: output,
    [`${service}.json`]: withoutSecrets(inspected.stdout),
    ...(files.code === 0 ? { [`${service}.files`]: files.text } : {}),
    ...(processes.code === 0 ? { [`${service}.processes`]: processes.text } : {}),
  })
  return { output, folder }
}

/** The newest are kept; what is gone from here is still in the journal, but for the output. */
export async function forgetEvidence(disk: Pick<Disk, 'list' | 'remove'>): Promise<void> {
  const old = (await disk.list(FAILURES)).toSorted().slice(0, -KEPT)
  for (const name of old) await disk.remove(`${FAILURES}/${name}`)
}

/** A full disk must not hide why a release failed: then there are no files, but still the reason. */
async function save({ disk, clock }: World, files: Record<string, string>): Promise<string | undefined> {
  try {
    const release = unfinished(await readJournal(disk))?.id ?? newId(clock.date(), [])
    const folder = `${FAILURES}/${release}`
    await disk.makeFolder(folder)
    for (const [name, text] of Object.entries(files)) await disk.write(`${folder}/${name}`, text)
    return folder
  } catch {
    return undefined
  }
}

type Inspected = { Config?: { Env?: string[] } }

/** The answer of `docker inspect`; secrets by their names in the environment, and those that are known by their values. */
function withoutSecrets(json: string): string {
  const containers = JSON.parse(json || '[]') as Inspected[]
  for (const { Config } of containers) {
    if (!Config?.Env) continue
    Config.Env = Config.Env.map((line) => {
      const [name = ''] = line.split('=', 1)
      return isSecretName(name) ? `${name}=[REDACTED]` : line
    })
  }
  return `${JSON.stringify(JSON.parse(redactedJson(containers)), null, 2)}\n`
}
