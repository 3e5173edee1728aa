import { createServer } from 'node:net'
import { KitError } from '../errors.ts'
import type { StackEnv } from '../settings/stack-env.ts'

/** The variables that name ports of this host. */
export const PORTS = ['HTTP_PORT', 'API_BLUE_PORT', 'API_GREEN_PORT', 'STATS_PORT'] as const

/** Refuses to start on a port that another program holds, naming the variable that chooses another one. */
export async function requireFreePorts(env: StackEnv): Promise<void> {
  for (const name of PORTS) {
    if (await isFree(env, name)) continue
    throw new KitError(`port ${env[name]} is in use by another program`, {
      why: `${name} says so in .env (see who: ss -ltnp 'sport = :${env[name]}')`,
      next: `set ${name} to a free port in .env, then ./ecomweb up`,
    })
  }
}

/** Whether nobody listens where the stack would. */
export const isFree = (env: StackEnv, name: (typeof PORTS)[number]): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    const host = name === 'HTTP_PORT' ? '0.0.0.0' : '127.0.0.1'
    server.once('error', () => resolve(false))
    server.listen({ port: env[name], host, exclusive: true }, () => server.close(() => resolve(true)))
  })
