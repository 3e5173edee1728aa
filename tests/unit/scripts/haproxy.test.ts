import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatRoutes, parseRoutes, parseShowMap } from '../../../scripts/haproxy/routes.ts'
import { askHaproxy } from '../../../scripts/haproxy/socket.ts'
import { isServing, parseStats } from '../../../scripts/haproxy/stats.ts'

describe('routes', () => {
  it('read what they write', () => {
    const routes = { active: 'green', canary: 'blue', weight: 25 } as const
    expect(parseRoutes(formatRoutes(routes))).toEqual(routes)
  })
  it('read the running map', () => {
    expect(parseShowMap('0x55d0c8 active blue\n0x55d0d8 weight 0\n\n')).toEqual({ active: 'blue', weight: 0 })
  })
  it.each(['', 'active red\n', 'active blue\ncanary pink\n', 'active blue\nweight 101\n'])(
    'refuse %j',
    (text) => expect(() => parseRoutes(text)).toThrow('no valid colour'),
  )
})

describe('statistics', () => {
  const head = '# pxname,svname,qcur,scur,status,check_status,'
  it('give each colour its server state and what is in flight', () => {
    const csv = [
      head,
      'blue,api,0,2,UP,L7OK,',
      'blue,BACKEND,1,3,UP,,',
      'green,api,0,0,DOWN,* L4CON,',
      'green,BACKEND,0,0,DOWN,,',
      '',
    ].join('\n')
    expect(parseStats(csv)).toEqual({
      blue: { status: 'UP', check: 'L7OK', sessions: 3, queued: 1 },
      green: { status: 'DOWN', check: 'L4CON', sessions: 0, queued: 0 },
    })
  })
  it('say absent for a colour that is not configured', () =>
    expect(parseStats(head).blue.status).toBe('absent'))
  it.each([
    ['UP', 'L7OK', true],
    ['UP 1/2', 'L7OK', false],
    ['UP', 'INI', false],
    ['DOWN', 'L4CON', false],
    ['MAINT', '', false],
  ])('%s with %s serves: %s', (status, check, serving) =>
    expect(isServing({ status, check, sessions: 0, queued: 0 })).toBe(serving),
  )
})

describe('the admin socket', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecomweb-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('resolves with the whole answer', async () => {
    const path = join(folder, 'admin.sock')
    const server = createServer({ allowHalfOpen: true }, (client) => {
      client.on('data', (text) => client.write(`you said ${text}`))
      client.on('end', () => client.end('bye'))
    }).listen(path)
    expect(await askHaproxy(path, 'show info')).toBe('you said show info\nbye')
    server.close()
  })
  it('says who does not answer', async () => {
    await expect(askHaproxy(join(folder, 'none.sock'), 'show info')).rejects.toThrow(
      'HAProxy does not answer',
    )
  })
  it('gives up on silence', async () => {
    const path = join(folder, 'silent.sock')
    const server = createServer({ allowHalfOpen: true }, () => {}).listen(path)
    await expect(askHaproxy(path, 'show info', 20)).rejects.toMatchObject({
      why: expect.stringContaining('20 ms'),
    })
    server.close()
  })
})
