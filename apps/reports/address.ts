/**
 * Where the backend listens: the address of the loopback interface that its URL names, so that nothing outside of the
 * container ever reaches it. `localhost` is 127.0.0.1, whatever the hosts file says.
 */
export function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname === '[::1]' ? '::1' : '127.0.0.1', port: Number(port || 80) }
}
