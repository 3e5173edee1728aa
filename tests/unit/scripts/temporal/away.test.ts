import { createServer, type Server } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { askTemporal } from '../../../../scripts/status/temporal.ts'
import { reachTemporal, TemporalAway } from '../../../../scripts/temporal/away.ts'

async function listen(): Promise<{ server: Server; address: string }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { server, address: `127.0.0.1:${(server.address() as { port: number }).port}` }
}

it('is reached where somebody listens', async () =>
  expect(await reachTemporal((await listen()).address, 2000)).toBeUndefined())

it('is away where nobody does, which whoever asks learns as such', async () => {
  const { server, address } = await listen()
  await new Promise((resolve) => server.close(resolve))
  await expect(reachTemporal(address, 2000)).rejects.toThrow(TemporalAway)
  await expect(askTemporal(address, async () => 'an answer')).rejects.toThrow(/ECONNREFUSED/)
})

it('is away where nobody knows its name', async () =>
  await expect(reachTemporal('temporal.invalid', 30_000)).rejects.toThrow(TemporalAway))
