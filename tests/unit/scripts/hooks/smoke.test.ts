import { describe, expect, it } from 'vitest'
import { ProbeRequest } from '../../../../scripts/analysis/probes.ts'
import { smokeGate } from '../../../../scripts/hooks/smoke.ts'
import type { HookFacts } from '../../../../scripts/hooks/table.ts'
import type { Answer, HttpOptions } from '../../../../scripts/ports.ts'
import type { Command } from '../../../../scripts/run.ts'
import { diskOf } from './disk.ts'

const facts: HookFacts = {
  release: '20261122-101500',
  command: 'deploy',
  image: 'shop:2',
  from: 'blue',
  to: 'green',
  url: 'http://127.0.0.1:80',
}
const TOKEN = { 'haproxy/state/preview.token': 'a-preview-token\n' }

/** A gate whose edge gives these answers in turn. */
function gate(requests: unknown[], answers: Partial<Answer>[], { files = TOKEN, hook = 0 } = {}) {
  const smoke = requests.map((request) => ProbeRequest.parse(request))
  const asked: { port: number; path: string; options: HttpOptions | undefined }[] = []
  const commands: Command[] = []
  const http = {
    async request(port: number, path: string, options?: HttpOptions): Promise<Answer> {
      const answer = answers[asked.push({ port, path, options }) - 1]
      if (!answer) throw new Error('connection refused')
      return { status: 200, headers: { 'x-served-by': 'green' }, body: '', ...answer }
    },
  }
  const runner = {
    dry: false,
    async run(command: Command) {
      commands.push(command)
      return { code: hook, stdout: '', stderr: '' }
    },
  }
  const disk = diskOf(files, { hooks: ['smoke'] })
  const run = () => smokeGate({ disk, http, runner }, facts, { smoke, hook_timeout: 60_000 }, 8080)
  return { asked, commands, run }
}

describe('the smoke gate', () => {
  it('asks the idle colour through the edge, then runs the hook', async () => {
    const { asked, commands, run } = gate(['GET /api/products', 'GET /health'], [{}, { status: 304 }])
    expect(await run()).toEqual({ ran: true })
    expect(asked.map(({ port, path }) => `${port} ${path}`)).toEqual(['8080 /api/products', '8080 /health'])
    expect(asked[0]?.options?.headers).toMatchObject({
      'X-Ecomweb-Preview': 'a-preview-token',
      'X-Ecomweb-Colour': 'green',
      'X-Ecomweb-Probe': '1',
    })
    expect(commands[0]?.env).toMatchObject({
      ECOMWEB_COLOUR: 'green',
      ECOMWEB_PREVIEW_TOKEN: 'a-preview-token',
    })
  })
  it('sends a body as JSON and takes the status that was asked for', async () => {
    const { asked, run } = gate(
      [{ method: 'POST', path: '/api/orders', body: { items: [] }, expect: 422 }],
      [{ status: 422 }],
    )
    await run()
    expect(asked[0]?.options).toMatchObject({
      method: 'POST',
      body: '{"items":[]}',
      headers: { 'content-type': 'application/json' },
    })
  })
  it.each([
    ['an error', { status: 500, body: '{"error":\n "no catalogue"}' }, 'GET /a answered 500'],
    ['the other colour', { headers: { 'x-served-by': 'blue' } }, 'GET /a answered 200, but from blue'],
    ['no colour at all', { headers: {} }, 'GET /a answered 200, but from no colour'],
    ['nothing', undefined, 'GET /a got no answer'],
  ])('fails on %s, and the hook is not asked', async (_name, answer, message) => {
    const { commands, run } = gate(['GET /a', 'GET /b'], answer ? [answer, {}] : [])
    await expect(run()).rejects.toThrow(message)
    expect(commands).toEqual([])
  })
  it('shows the first bytes of the body', async () => {
    const { run } = gate(['GET /a'], [{ status: 503, body: `${'long '.repeat(100)}` }])
    await expect(run()).rejects.toMatchObject({ why: expect.stringMatching(/^long .{100,195}$/) })
  })
  it('fails when its hook does', async () => {
    await expect(gate([], [], { hook: 1 }).run()).rejects.toThrow('hooks/smoke failed with exit code 1')
  })
  it('says when there is no preview token', async () => {
    await expect(gate([], [], { files: { 'haproxy/state/preview.token': '' } }).run()).rejects.toThrow(
      'no preview token',
    )
  })
})
