import { createServer } from 'node:net'

/** Below the range from which the kernel takes ports for outgoing connections, or a client might hold one. */
const [LOWEST, HIGHEST] = [20_000, 31_000]

/** Finds so many ports that nobody listens on, neighbours of each other where possible. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  let port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
  while (found.length < count) {
    port = port >= HIGHEST ? LOWEST : port + 1
    if (await isFree(port)) found.push(port)
  }
  return found
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
