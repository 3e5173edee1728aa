import { readFileSync } from 'node:fs'
import { unfinished } from '../../../scripts/deploy/unfinished.ts'
import { formatRoutes, parseRoutes, parseShowMap } from '../../../scripts/haproxy/routes.ts'
import { adminSocket, askHaproxy } from '../../../scripts/haproxy/socket.ts'
import { untilReady } from '../harness/colours.ts'
import { runningContainers } from '../harness/containers.ts'
import { other, type Stack } from '../harness/stack.ts'
import { entriesFrom } from './journal.ts'

const MAP = '/usr/local/etc/haproxy/state/routes.map'

/** What is not as it should be after a recovery, in words; the stack is in exactly one of `releases` (image ids). */
export async function audit(stack: Stack, releases: readonly string[]): Promise<string[]> {
  const problems: string[] = []
  const expect = (fact: boolean, problem: string) => {
    if (!fact) problems.push(problem)
  }
  const file = parseRoutes(readFileSync(stack.file('haproxy/state/routes.map'), 'utf8'))
  const running = parseShowMap(await askHaproxy(adminSocket(stack.info.folder), `show map ${MAP}`))
  expect(
    formatRoutes(file) === formatRoutes(running),
    `map file ${formatRoutes(file)}, running ${formatRoutes(running)}`,
  )
  expect(running.canary === undefined && running.weight === 0, `a canary is left: ${formatRoutes(running)}`)
  expect((await stack.active()) === running.active, `${await stack.active()} answers, not ${running.active}`)

  const active = running.active
  const containers = await runningContainers(stack)
  const image = (service: string) =>
    Promise.all(
      containers
        .filter((one) => one.service === service)
        .map(({ name }) => stack.inspect(name, '{{.Config.Image}}')),
    )
  const serving = (await image(`ecomweb_api_${active}`))[0] ?? 'nothing'
  expect(releases.includes(serving), `${active} runs ${serving}, none of the two releases`)
  for (const [service, variable] of [
    ['ecomweb_api_blue', 'API_BLUE_IMAGE'],
    ['ecomweb_api_green', 'API_GREEN_IMAGE'],
    ['ecomweb_cron', 'BACKGROUND_IMAGE'],
    ['ecomweb_worker', 'BACKGROUND_IMAGE'],
    ['ecomweb_worker_previous', 'WORKER_PREVIOUS_IMAGE'],
  ] as const) {
    const images = await image(service)
    const wanted = stack.setting(variable)
    const count =
      service === 'ecomweb_worker_previous' ? Number(stack.setting('WORKER_PREVIOUS_REPLICAS') ?? 0) : 1
    expect(images.length === count, `${service} has ${images.length} running containers, not ${count}`)
    expect(
      images.every((one) => one === wanted),
      `${service} runs ${images}, .env says ${wanted}`,
    )
  }
  expect(stack.setting('BACKGROUND_IMAGE') === serving, `background is not of the release that serves`)

  const { stdout } = await stack.docker([
    ...['ps', '-aq', '--filter', `label=com.docker.compose.project=${stack.info.name}`],
    ...['--filter', 'label=com.docker.compose.oneoff=True'],
  ])
  expect(stdout.trim() === '', `left over from docker compose run: ${stdout.trim()}`)
  expect(unfinished(entriesFrom(stack, 0)) === undefined, 'the journal has a command without an end')
  // A container that came back with its old image becomes ready by itself.
  const warm = await untilReady(stack, other(active)).catch(() => undefined)
  expect(warm !== undefined, `${other(active)} is not warm`)
  // Its checks were waited for before; one that a busy host answers late must not pass for a finding.
  const { drift } = await stack.status()
  expect(drift.length === 0, `drift: ${JSON.stringify(drift)}`)
  return problems
}
