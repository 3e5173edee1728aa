import { Client } from '@temporalio/client'
import { connectLater } from '../../../apps/core/temporal-connection.ts'
import type { Stack } from './stack.ts'

/** A client of the stack's Temporal, by its container's address; whoever opens it closes its connection. */
export async function openTemporal(stack: Stack): Promise<Client> {
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const temporal = await stack.inspect(stack.container('temporal'), address)
  return new Client({ connection: connectLater(`${temporal}:7233`, 10_000) })
}
