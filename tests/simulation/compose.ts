import type { Result } from '../../scripts/run.ts'
import { parseEnvFile } from '../../scripts/settings/env-file.ts'
import type { SimulatedContainer } from './containers.ts'
import type { Host } from './host.ts'
import { migrating } from './migrating.ts'
import { failed, ok, type Program } from './program.ts'
import { replaying } from './replaying.ts'

/** What a service of docker-compose.yml is, by what `.env` says at this moment. */
function definition(host: Host, env: Record<string, string>, service: string) {
  const variable = {
    ecomweb_api_blue: 'API_BLUE_IMAGE',
    ecomweb_api_green: 'API_GREEN_IMAGE',
    ecomweb_worker: 'BACKGROUND_IMAGE',
    ecomweb_worker_previous: 'WORKER_PREVIOUS_IMAGE',
    ecomweb_cron: 'BACKGROUND_IMAGE',
  }[service]
  if (!variable) throw new Error(`the simulated docker-compose.yml has no service ${service}`)
  const reference = env[variable] ?? 'ecomweb/app:local'
  const revision = /revision: (\d+)/.exec(host.disk.read('docker-compose.yml') ?? '')?.[1]
  const memory = service.startsWith('ecomweb_api_') ? env.API_MEMORY : env.WORKER_MEMORY
  return {
    reference,
    image: host.image(reference),
    configuration: `${reference} ${memory} ${revision}`,
    replicas: replicasOf(env, service),
    name: (number: number) =>
      service.startsWith('ecomweb_worker')
        ? `sim-${service}-${number}`
        : `sim_${service.replace('ecomweb_', '')}`,
  }
}

/** How many containers of a service there should be. */
export function replicasOf(env: Record<string, string>, service: string): number {
  if (service === 'ecomweb_worker') return Number(env.WORKER_REPLICAS ?? 1)
  return service === 'ecomweb_worker_previous' ? Number(env.WORKER_PREVIOUS_REPLICAS ?? 0) : 1
}

/**
 * `docker compose up -d --no-deps`: first every container that is missing or differs is made, then all that do not
 * run are started; `--no-recreate` replaces none, `--force-recreate` all. A container is replaced by creating the new
 * one beside, stopping and removing the old, renaming.
 */
export function* composeUp(host: Host, given: Record<string, string>, words: string[]): Program {
  const { containers, random } = host
  yield random.between(150, 400)
  const env = { ...parseEnvFile(host.disk.read('.env') ?? ''), ...given }
  const services = words.filter((word) => !word.startsWith('--'))
  const [replaces, all] = [!words.includes('--no-recreate'), words.includes('--force-recreate')]
  const ordered = random.chance(0.5) ? services : services.toReversed()
  const toStart: SimulatedContainer[] = []
  for (const service of ordered) {
    const { image, reference, configuration, replicas, name } = definition(host, env, service)
    if (!image && replicas > 0) return failed(`Error response from daemon: No such image: ${reference}`)
    const fits = (c: SimulatedContainer) => !all && (!replaces || c.configuration === configuration)
    const existing = [...containers.of(service)].sort((a, b) => Number(fits(b)) - Number(fits(a)))
    for (const surplus of existing.splice(replicas)) {
      if (surplus.status !== 'created' && surplus.status !== 'exited') yield* stopping(host, surplus)
      containers.remove(surplus)
      yield 20
    }
    for (let number = 1; number <= replicas; number += 1) {
      const old = existing[number - 1]
      if (old && fits(old)) {
        old.name = name(number)
        toStart.push(old)
        continue
      }
      if (!image) throw new Error(`no image for ${service}`)
      const final = name(number)
      const wanted = {
        name: old ? `${old.id.slice(-12)}_${final}` : final,
        service,
        reference,
        image,
        configuration,
      }
      const made = containers.create(wanted)
      toStart.push(made)
      yield random.between(20, 100)
      if (!old) continue
      // Whatever kept the old one from serving excuses the new one until it had time to start.
      made.excused = old.excused && !old.ready
      if (old.status === 'running' || old.status === 'restarting') yield* stopping(host, old)
      containers.remove(old)
      yield 20
      made.name = final
      host.effect(`renamed ${wanted.name}`, final)
      yield 20
    }
  }
  for (const container of toStart) {
    if (container.status === 'running' || container.status === 'restarting') continue
    containers.start(container)
    yield random.between(50, 300)
  }
  return ok()
}

export function* stopping(host: Host, container: SimulatedContainer): Generator<number, void> {
  host.containers.stop(container)
  yield host.random.between(100, 3000)
  host.containers.stopped(container)
  yield 10
}

/** `docker compose run --rm --no-deps SERVICE bash -c 'exec $MIGRATE_COMMAND'`, or with REPLAY_COMMAND. */
export function* composeRun(
  host: Host,
  given: Record<string, string>,
  service: string,
  command: string[],
): Program {
  yield host.random.between(200, 600)
  const env = { ...parseEnvFile(host.disk.read('.env') ?? ''), ...given }
  const { image, reference } = definition(host, env, service)
  if (!image) return failed(`Error response from daemon: No such image: ${reference}`)
  const line = command.join(' ')
  const replays = line.startsWith('bash -c exec $REPLAY_COMMAND "$@" replay --per-type ')
  if (!replays && line !== 'bash -c exec $MIGRATE_COMMAND')
    throw new Error(`the simulated image does not know \`${line}\``)
  // The container goes on when the client that started it is gone, until it ends or the engine does.
  const oneOff: { ended?: Result } = {}
  host.oneOffs.add(oneOff)
  const work = replays
    ? replaying(host, image, /--build-id (\w+)/.exec(line)?.[1])
    : migrating(host, image, oneOff)
  const go = () => {
    if (!host.oneOffs.has(oneOff)) return
    const { done, value } = work.next()
    if (!done) host.scheduler.after(value, go)
    else {
      oneOff.ended = value
      host.oneOffs.delete(oneOff)
    }
  }
  go()
  while (!oneOff.ended) yield 50
  return oneOff.ended
}
