import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { askTemporal } from '../../../../scripts/status/temporal.ts'
import { serveTemporal } from '../../worker/temporal-rpc.ts'

const [PERMISSION_DENIED, UNAVAILABLE] = [7, 14]
const failing = (code: number, details: string) => Object.assign(new Error(details), { code, details })

it('of two questions one fails, and the other, which is being repeated, ends before the connection does', async () => {
  const repeated = Promise.withResolvers<void>()
  let attempts = 0
  const { address, close } = await serveTemporal({
    GetSystemInfo: () => ({ serverVersion: '1.31.2' }),
    DescribeNamespace: async () => {
      await repeated.promise
      throw failing(PERMISSION_DENIED, 'not for you')
    },
    DescribeTaskQueue: () => {
      repeated.resolve()
      if (++attempts < 3) throw failing(UNAVAILABLE, 'soon')
      return {}
    },
  })
  onTestFinished(close)
  const asked = askTemporal(address, (service) =>
    Promise.all([
      service.describeNamespace({ namespace: 'default' }),
      service.describeTaskQueue({ namespace: 'default' }),
    ]),
  )
  await expect(asked).rejects.toThrow('not for you')
  expect(attempts).toBe(3)
})

it('a server that takes the connection and then says nothing is given up', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const asked = askTemporal(`127.0.0.1:${port}`, (service) => service.getSystemInfo({}), 300)
  await expect(asked).rejects.toThrow(/connect/i)
})
