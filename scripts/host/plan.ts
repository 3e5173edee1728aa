import { KitError } from '../errors.ts'
import type { HostFacts } from './facts.ts'
import { compareVersions } from './version.ts'

/** Engine 25 brought `start_interval` for health checks, which the stack needs. */
export const MINIMUM_ENGINE = '25.0'
/** Compose 2.20 and newer know everything in docker-compose.yml. */
export const MINIMUM_COMPOSE = '2.20'
/** Clients since 23 build with BuildKit by default. */
const MINIMUM_CLIENT = '23.0'

const LINKS = ['docker', 'compose', 'buildx', 'docker-compose'] as const
export type Link = (typeof LINKS)[number]

/** What must happen before containers can run; all empty when nothing must. */
export type EnginePlan = {
  install: boolean
  /** Stop the distribution's older engine first: it runs, but nothing runs on it. */
  retire: boolean
  start: boolean
  links: Link[]
  /** One line a reason, for people. */
  reasons: string[]
}

/** Decides from the facts alone; refuses what a person must decide. */
export function planEngine(facts: HostFacts): EnginePlan {
  const { server, dockerd, client, compose, buildx } = facts
  if (!facts.root) throw notRoot()
  if (!server && facts.dockerHost) throw remoteSilent(facts.dockerHost)
  const outdated = server !== undefined && older(server.version, MINIMUM_ENGINE)
  if (outdated && (server.containers > 0 || !facts.systemd)) throw outdatedInUse(server)
  const absent = !server && (!dockerd || older(dockerd.version, MINIMUM_ENGINE))
  const lacks: Record<Link, boolean> = {
    docker: !client || older(client, MINIMUM_CLIENT),
    compose: !compose || older(compose.version, MINIMUM_COMPOSE),
    buildx: !buildx,
    'docker-compose': !facts.standaloneCompose,
  }
  const links = LINKS.filter((link) => lacks[link])
  const reasons = [
    ...(absent ? ['no Docker Engine 25 or newer on this host'] : []),
    ...(outdated ? [`Docker Engine ${server.version} is too old`] : []),
    ...(!server && !absent ? [`Docker Engine ${dockerd?.version} is installed but does not run`] : []),
    ...links.map((link) => `no ${WHAT[link]}`),
  ]
  const unpack = links.some((link) => link !== 'docker-compose')
  return {
    install: absent || outdated || unpack,
    retire: outdated,
    start: !server || outdated,
    links,
    reasons,
  }
}

const WHAT: Record<Link, string> = {
  docker: 'recent docker client',
  compose: 'Compose v2 plugin',
  buildx: 'buildx plugin',
  'docker-compose': 'docker-compose on PATH',
}

const older = (version: string, minimum: string): boolean => compareVersions(version, minimum) < 0

const notRoot = (): KitError =>
  new KitError('ecomweb needs root', {
    why: 'It manages the container engine and the files that only root and HAProxy may read.',
    next: 'sudo ./ecomweb up',
  })

const remoteSilent = (host: string): KitError =>
  new KitError(`the engine at DOCKER_HOST=${host} does not answer`, {
    why: 'DOCKER_HOST is set, so no engine is started or installed on this host.',
    next: 'start that engine, or run `unset DOCKER_HOST` and try again.',
  })

const outdatedInUse = ({ version, containers }: { version: string; containers: number }): KitError =>
  new KitError(`Docker Engine ${version} runs on this host; ecomweb needs ${MINIMUM_ENGINE} or newer`, {
    why: `It holds ${containers} container(s). ecomweb never replaces an engine that is in use.`,
    next: 'upgrade it yourself (https://docs.docker.com/engine/install/), then run ./ecomweb up again.',
  })
