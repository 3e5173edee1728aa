import { MINIMUM_COMPOSE, MINIMUM_ENGINE } from '../../host/plan.ts'
import { compareVersions, upstreamVersion } from '../../host/version.ts'
import { megabytes } from '../bytes.ts'
import { check, type Found, stop, unlessSeen, warn } from '../check.ts'
import { duringDeploy } from '../during-deploy.ts'
import type { Space } from '../facts.ts'

export const engineCheck = check({
  id: 'engine',
  title: 'Docker Engine and Compose',
  needs: ['engine', 'compose'],
  look({ engine, compose }) {
    const found: Found[] = []
    if (compareVersions(engine.version, MINIMUM_ENGINE) < 0) {
      found.push(
        stop(
          `Docker Engine ${engine.version} is too old`,
          `health checks use start_interval, which ${MINIMUM_ENGINE} brought: a new colour would be ready too late`,
          './ecomweb up   (or upgrade it: https://docs.docker.com/engine/install/)',
        ),
      )
    }
    if (compareVersions(compose, MINIMUM_COMPOSE) < 0) {
      found.push(
        stop(
          `Compose ${compose} is too old`,
          `docker-compose.yml uses what Compose ${MINIMUM_COMPOSE} brought`,
          './ecomweb up   (links a newer one)',
        ),
      )
    }
    return unlessSeen(found, `Engine ${upstreamVersion(engine.version)}, Compose ${upstreamVersion(compose)}`)
  },
})

/** Journal, settings, route map and the files that a release keeps. */
const STATE_BYTES = 32 * 2 ** 20
const STATE_INODES = 2000

export const diskCheck = check({
  id: 'disk',
  title: 'Disk for two more images and for state',
  needs: ['engineDisk', 'projectDisk', 'candidate'],
  unknown: 'warn',
  look({ engineDisk, projectDisk, candidate }) {
    const needed = 2 * candidate.size
    const found: Found[] = []
    if (engineDisk.free < needed) {
      found.push(
        stop(
          `${megabytes(engineDisk.free)} are free for images in ${engineDisk.path}, two more need ${megabytes(needed)}`,
          'a full disk ends a deploy midway, and stops PostgreSQL',
          'docker builder prune --force && docker image prune --force   (keeps every release)',
        ),
      )
    }
    found.push(...tooFewInodes(engineDisk, 'images'))
    if (projectDisk.free < STATE_BYTES) {
      found.push(
        stop(
          `${megabytes(projectDisk.free)} are free in ${projectDisk.path}, state files need ${megabytes(STATE_BYTES)}`,
          'a deploy writes its journal before each step: without it nothing could be resumed',
          `du -xh ${projectDisk.path} | sort -h | tail`,
        ),
      )
    }
    if (projectDisk.path !== engineDisk.path) found.push(...tooFewInodes(projectDisk, 'state files'))
    return unlessSeen(found, `${megabytes(engineDisk.free)} free, two images need ${megabytes(needed)}`)
  },
})

const tooFewInodes = ({ path, inodes }: Space, what: string): Found[] =>
  inodes === undefined || inodes >= STATE_INODES
    ? []
    : [
        stop(
          `${inodes} inodes are free in ${path}, ${what} need ${STATE_INODES}`,
          'no file can be made without one, however much room there is',
          `du -x --inodes ${path} | sort -n | tail`,
        ),
      ]

export const memoryCheck = check({
  id: 'memory',
  title: 'Memory for two colours',
  needs: ['memory', 'services'],
  unknown: 'warn',
  look({ memory, services }) {
    const own = duringDeploy(services).filter(
      ({ environment, replicas }) => environment.ECOMWEB_ROLE && replicas > 0,
    )
    const unlimited = own.filter(({ memoryLimit }) => memoryLimit === 0).map(({ name }) => name)
    if (unlimited.length > 0) {
      return [
        warn(
          `${unlimited.join(', ')} may use any amount of memory`,
          'a leak then takes the whole host down instead of one container',
          'set deploy.resources.limits.memory in docker-compose.yml',
        ),
      ]
    }
    const needed = own.reduce((sum, { memoryLimit, replicas }) => sum + memoryLimit * replicas, 0)
    const free = memory.available + memory.held
    const seen = `limits add up to ${megabytes(needed)}, ${megabytes(free)} can be had`
    if (needed <= free) return seen
    return [
      warn(
        `two colours, cron and workers of two versions may use ${megabytes(needed)}, but only ${megabytes(free)} can be had`,
        'during a deploy both versions run: the kernel would kill a process of one of them',
        'lower API_MEMORY, WORKER_MEMORY or CRON_MEMORY in .env, or give the host more memory',
      ),
    ]
  },
})

/** Beyond this, two clocks tell different stories: cron slots, order times and logs stop matching. */
const SKEW_MS = 2000
/** Images come from hosts with clocks of their own. */
const BUILD_SKEW_MS = 5 * 60_000

export const clockCheck = check({
  id: 'clock',
  title: 'Clock',
  needs: ['clock'],
  look({ clock: { now, newestEntry, imageCreated, databaseAheadMs } }) {
    const found: Found[] = []
    const set = 'timedatectl set-ntp true   (then: timedatectl)'
    if (newestEntry !== undefined && newestEntry > now + SKEW_MS) {
      found.push(
        stop(
          `this host's clock is ${away(newestEntry - now)} behind its own journal`,
          'releases are named and ordered by time: a new one would look older than the last',
          set,
        ),
      )
    }
    if (imageCreated !== undefined && imageCreated > now + BUILD_SKEW_MS) {
      found.push(
        warn(
          `the image was built ${away(imageCreated - now)} in the future`,
          'the clock of this host or of the one that built it is wrong',
          set,
        ),
      )
    }
    if (databaseAheadMs !== undefined && Math.abs(databaseAheadMs) > SKEW_MS) {
      found.push(
        warn(
          `the database's clock is ${away(Math.abs(databaseAheadMs))} ${databaseAheadMs > 0 ? 'ahead of' : 'behind'} this host's`,
          'cron slots and order times come from both',
          set,
        ),
      )
    }
    const skew =
      databaseAheadMs === undefined ? '' : `, the database's ${Math.round(databaseAheadMs)} ms from it`
    return unlessSeen(found, `${new Date(now).toISOString().slice(0, 19)}Z${skew}`)
  },
})

const away = (ms: number): string =>
  ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`

export const portsCheck = check({
  id: 'ports',
  title: 'Ports',
  needs: ['ports'],
  look({ ports }) {
    const taken = ports.filter(({ use }) => use === 'foreign')
    const twice = ports.filter(({ port }, at) => ports.findIndex((other) => other.port === port) !== at)
    const found = [
      ...taken.map(({ name, port }) =>
        stop(
          `port ${port} is in use by another program`,
          `${name} in .env gives it to this stack: its container cannot start`,
          `ss -ltnp 'sport = :${port}'   then end that program, or set ${name} to a free port in .env`,
        ),
      ),
      ...twice.map(({ name, port }) =>
        stop(
          `${name} in .env is ${port}, which another variable has already`,
          'two containers cannot listen on one port: the second does not start',
          `set ${name} to a port of its own in .env`,
        ),
      ),
    ]
    return unlessSeen(found, ports.map(({ port, use }) => `${port} ${use}`).join(', '))
  },
})
