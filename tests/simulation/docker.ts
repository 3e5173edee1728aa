import type { Command, Result } from '../../scripts/run.ts'
import { composeRun, composeUp, stopping } from './compose.ts'
import type { SimulatedContainer } from './containers.ts'
import type { Host } from './host.ts'
import { inspectAnswer, migrationSql } from './images.ts'
import { failed, ok, type Program } from './program.ts'

type Given = { host: Host; words: string[]; env: Record<string, string> }

/** Takes this long, then answers. */
function* after(ms: number, answer: () => Result): Program {
  yield ms
  return answer()
}

const COMPOSE = 'docker compose --ansi never'

/** Every command line that the kit may send, by how it begins; a line that is not here is a test that fails. */
const PROGRAMS: Record<string, (given: Given) => Program> = {
  [`${COMPOSE} config --quiet`]: () => after(200, () => ok()),
  [`${COMPOSE} up -d --quiet-pull --no-deps`]: ({ host, env, words }) => composeUp(host, env, words),
  [`${COMPOSE} run --rm --no-deps --no-TTY --quiet-pull`]: ({
    host,
    env,
    words: [service = '', ...command],
  }) => composeRun(host, env, service, command),
  'docker ps --all --quiet --no-trunc --filter label=com.docker.compose.project=sim --filter label=com.docker.compose.oneoff=False':
    ({ host }) => after(20, () => ok(host.containers.list.map(({ id }) => `${id}\n`).join(''))),
  'docker inspect --type=container': ({ host, words }) =>
    after(20, () => {
      const found = host.containers.list.filter(({ id, name }) => words.includes(id) || words.includes(name))
      const stdout = `${JSON.stringify(found.map(inspected))}\n`
      const absent = words.find((word) => !found.some(({ id, name }) => id === word || name === word))
      if (absent === undefined) return ok(stdout)
      return { ...failed(`Error response from daemon: No such container: ${absent}`), stdout }
    }),
  'docker image inspect': ({ host, words: [reference = '', format] }) =>
    after(20, () => {
      const image = host.image(reference)
      if (image && format) return ok(`${image.id}\n`)
      if (image) return ok(`${JSON.stringify([inspectAnswer(image)])}\n`)
      const name = reference.includes(':') ? reference : `${reference}:latest`
      return { ...failed(`Error response from daemon: No such image: ${name}`), stdout: '[]\n' }
    }),
  'docker image ls ecomweb/release --format': ({ host }) =>
    after(20, () => ok([...host.tags.keys()].map((tag) => `${tag}\n`).join(''))),
  'docker image rm': ({ host, words: [tag = ''] }) => after(20, () => removeTag(host, tag)),
  // Its disk is never full: no folder by that name.
  'docker info --format': () => after(20, () => ok('')),
  'docker pull --quiet': () => after(500, () => failed('no such host')),
  'docker tag': ({ host, words: [id = '', tag = ''] }) =>
    after(20, () => {
      const image = host.image(id)
      if (!image) return failed(`Error: No such image: ${id}`)
      host.tags.set(tag, image.id)
      return ok()
    }),
  'docker run --rm --network none --read-only --entrypoint sh': ({ host, words: [reference = ''] }) =>
    after(500, () => {
      const image = host.image(reference)
      if (!image) return failed(`Error: No such image: ${reference}`)
      const line = (name: string) => `${name} ${Buffer.from(migrationSql(name)).toString('base64')}\n`
      return ok(image.migrations.map(line).join(''))
    }),
  'docker logs --tail': () => after(20, () => ok('a line of the application\n')),
  'docker top': ({ host, words: [name] }) =>
    after(20, () =>
      host.containers.list.some((one) => one.name === name && one.status === 'running')
        ? ok('PID CMD\n1 node\n')
        : failed(`Error response from daemon: container ${name} is not running`),
    ),
  'docker diff': () => after(20, () => ok()),
  'docker stop': ({ host, words: [name = ''] }) => stop(host, name),
  'docker exec sim_haproxy haproxy -c -dW -f': () => after(60, () => ok()),
  'docker exec sim_api_blue drain-streams --window': ({ host, words }) => drain(host, 'sim_api_blue', words),
  'docker exec sim_api_green drain-streams --window': ({ host, words }) =>
    drain(host, 'sim_api_green', words),
  'docker exec --detach sim_api_blue drain-streams --window': ({ host }) => drain(host, 'sim_api_blue'),
  'docker exec --detach sim_api_green drain-streams --window': ({ host }) => drain(host, 'sim_api_green'),
  'timeout -k 5': ({ host, words: [, hook = ''] }) =>
    after(host.random.between(5, 300), () =>
      host.random.chance(0.1) ? failed(`${hook}: simulated`) : ok('a line of the hook\n'),
    ),
  'docker kill --signal USR2 sim_haproxy': ({ host }) =>
    after(30, () => {
      host.scheduler.after(host.random.between(20, 800), () => {
        if (!host.edge.running) return
        host.edge.reload()
        host.effect('HAProxy reloaded')
      })
      return ok()
    }),
}

/** The last tag takes the image with it, unless a container needs it. */
function removeTag({ tags, images, containers }: Host, tag: string): Result {
  const id = tags.get(tag)
  if (id === undefined) return failed(`Error response from daemon: No such image: ${tag}`)
  const last = [...tags.values()].filter((image) => image === id).length === 1
  if (last && containers.list.some(({ image }) => image.id === id)) {
    return failed(`Error response from daemon: conflict: unable to remove repository reference "${tag}"`)
  }
  tags.delete(tag)
  if (last) images.delete(id)
  return ok()
}

function* stop(host: Host, name: string): Program {
  const container = host.containers.list.find((one) => one.name === name)
  if (!container) return failed(`Error response from daemon: No such container: ${name}`)
  if (container.status === 'running' || container.status === 'restarting') yield* stopping(host, container)
  return ok()
}

function* drain(host: Host, name: string, [window = '0']: string[] = []): Program {
  const container = host.containers.list.find((one) => one.name === name)
  if (container?.status !== 'running')
    return failed(`Error response from daemon: container ${name} is not running`)
  yield Number(window)
  return ok()
}

/** The program behind a command line. Errors: the simulation has none, so that it cannot drift from the kit. */
export function programOf(host: Host, { file, args, env = {} }: Command): Program {
  const line = [file, ...args].join(' ')
  for (const [beginning, program] of Object.entries(PROGRAMS)) {
    if (line !== beginning && !line.startsWith(`${beginning} `)) continue
    return program({ host, env, words: args.slice(beginning.split(' ').length - 1) })
  }
  host.watch.violated(`the simulated host does not know \`${line}\``)
  throw new Error(`unknown: ${line}`)
}

/** One element of the answer of `docker inspect`, as far as the kit reads it. */
function inspected(container: SimulatedContainer): unknown {
  const { id, name, service, reference, image, status, ready } = container
  const running = status === 'running' || status === 'stopping'
  return {
    Id: id,
    Name: `/${name}`,
    Image: image.id,
    RestartCount: container.restarts,
    Config: {
      Image: reference,
      Labels: {
        'com.docker.compose.project': 'sim',
        'com.docker.compose.service': service,
        'com.docker.compose.oneoff': 'False',
      },
    },
    State: {
      Status: status === 'stopping' ? 'running' : status,
      Running: running || status === 'restarting',
      Restarting: status === 'restarting',
      OOMKilled: false,
      ExitCode: container.exitCode,
      StartedAt: new Date(1_795_327_200_000 + container.startedAt).toISOString(),
      Health: { Status: running ? (ready ? 'healthy' : 'starting') : 'unhealthy' },
    },
    NetworkSettings: { Networks: { sim_default: { IPAddress: running ? '172.18.0.5' : '' } } },
  }
}
