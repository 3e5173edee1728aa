import type { Connection } from '@temporalio/client'
import { expect, it, onTestFinished } from 'vitest'
import { connectLater, connectTemporal } from '../../../../apps/core/temporal-connection.ts'
import { serveTemporal } from '../../worker/temporal-rpc.ts'

const UNAVAILABLE = 14

/** A server that is about to be there, for ever. */
async function almostThere() {
  const asked = Promise.withResolvers<void>()
  const server = await serveTemporal({
    GetSystemInfo: () => ({ serverVersion: '1.31.2' }),
    DescribeNamespace: () => {
      asked.resolve()
      throw Object.assign(new Error('soon'), { code: UNAVAILABLE })
    },
  })
  onTestFinished(server.close)
  return { address: server.address, asked: asked.promise }
}

const connections: [string, (address: string) => Promise<Connection> | Connection][] = [
  ['at once', (address) => connectTemporal(address, 2000)],
  ['at the first call', (address) => connectLater(address, 2000)],
]

it.each(connections)(
  'closing a connection made %s ends a call that is being repeated',
  async (_, connect) => {
    const { address, asked } = await almostThere()
    const connection = await connect(address)
    const call = connection.workflowService.describeNamespace({ namespace: 'default' })
    const ended = expect(call).rejects.toMatchObject({ code: 1, details: 'Channel has been shut down' })
    await asked
    await connection.close()
    await ended
  },
)

it('a call on a closed connection is rejected', async () => {
  const { address } = await almostThere()
  const connection = await connectTemporal(address, 2000)
  await connection.close()
  await expect(connection.workflowService.describeNamespace({ namespace: 'default' })).rejects.toThrow(
    'Channel has been shut down',
  )
})
