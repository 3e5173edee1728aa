import { describe, expect, it } from 'vitest'
import {
  findImage,
  keepImage,
  missingFromContract,
  parseImage,
  shortId,
} from '../../../scripts/docker/application-image.ts'
import { composeDown, composeLogs, composeRunOnce, composeUp } from '../../../scripts/docker/compose.ts'
import { parseContainers } from '../../../scripts/docker/containers.ts'
import { display } from '../../../scripts/run.ts'

describe('compose commands', () => {
  it.each([
    [composeUp(), 'docker compose --ansi never up -d --quiet-pull'],
    [composeUp([], { recreate: 'never' }), 'docker compose --ansi never up -d --quiet-pull --no-recreate'],
    [composeUp(['a'], { dependencies: false }), 'docker compose --ansi never up -d --quiet-pull --no-deps a'],
    [
      composeUp(['a'], { recreate: 'always' }),
      'docker compose --ansi never up -d --quiet-pull --force-recreate a',
    ],
    [composeDown(), 'docker compose --ansi never down --remove-orphans'],
    [composeDown({ volumes: true }), 'docker compose --ansi never down --remove-orphans --volumes'],
    [composeLogs(['a'], { follow: true }), 'docker compose --ansi never logs --follow --tail 200 a'],
    [
      composeRunOnce('a', { API_GREEN_IMAGE: 'x:2' }, ['true']),
      'API_GREEN_IMAGE=x:2 docker compose --ansi never run --rm --no-deps --no-TTY --quiet-pull a true',
    ],
  ])('case %#', (command, text) => expect(display(command)).toBe(text))
})

describe('an application image', () => {
  const image = (...Env: string[]) =>
    parseImage('x', JSON.stringify([{ Id: 'sha256:1', Created: '', Config: { Env } }]))
  it('is read with its variables', () => expect(image('A=b=c').variables).toEqual({ A: 'b=c' }))
  it('names what it lacks of the contract', () => {
    const kept = ['READY_COMMAND=x', 'API_ENTRY=x', 'CRON_ENTRY=x', 'WORKER_ENTRY=x']
    expect(missingFromContract(image(...kept))).toEqual(['MIGRATE_COMMAND'])
    expect(missingFromContract(image(...kept, 'MIGRATE_COMMAND=x'))).toEqual([])
  })
  it.each([
    [`sha256:${'ab'.repeat(32)}`, 'abababababab'],
    ['shop:2', 'shop:2'],
  ])('%s is shown as %s', (reference, short) => expect(shortId(reference)).toBe(short))
  it('says whether the kit had to pull it', async () => {
    const found = { code: 0, stdout: '[{ "Id": "sha256:1", "Created": "", "Config": {} }]', stderr: '' }
    const absent = { code: 1, stdout: '', stderr: '' }
    const engine = (...answers: (typeof absent)[]) => ({
      dry: false,
      run: async () => answers.shift() ?? absent,
    })
    expect((await findImage(engine(found), 'shop:2')).pulled).toBeUndefined()
    expect((await findImage(engine(absent, found, found), 'shop:2')).pulled).toBe(true)
    await expect(findImage(engine(absent, absent), 'shop:2')).rejects.toThrow('neither on this host')
  })
  it('is kept by a tag for each stack that runs it', () => {
    const tags = ['shop', 'staging'].map((stack) => keepImage(stack, `sha256:${'ab'.repeat(32)}`).args.at(-1))
    expect(tags).toEqual(['ecomweb/release:shop-abababababab', 'ecomweb/release:staging-abababababab'])
  })
})

describe('a container', () => {
  const raw = (State: object) =>
    JSON.stringify([
      {
        Name: '/shop_api_blue',
        Image: 'sha256:1',
        RestartCount: 2,
        Config: { Image: 'shop:1', Labels: { 'com.docker.compose.service': 'ecomweb_api_blue' } },
        State: {
          Status: 'running',
          Running: true,
          Restarting: false,
          StartedAt: '2026-01-01T00:00:00Z',
          ExitCode: 0,
          OOMKilled: false,
          ...State,
        },
        NetworkSettings: { Networks: { default: { IPAddress: '172.18.0.2' } } },
      },
    ])
  it('is read from the engine', () => {
    expect(parseContainers(raw({ Health: { Status: 'healthy' } }))[0]).toMatchObject({
      name: 'shop_api_blue',
      service: 'ecomweb_api_blue',
      health: 'healthy',
      running: true,
      restarts: 2,
      address: '172.18.0.2',
    })
  })
  it('without a health check has none', () => expect(parseContainers(raw({}))[0]?.health).toBe('none'))
  it('that restarts is not running', () => {
    expect(parseContainers(raw({ Restarting: true }))[0]?.running).toBe(false)
  })
})
