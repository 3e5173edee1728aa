/** `backends`: origins of the API in the order in which to try them. None: where the page came from. */
export type Config = { backends: string[] }

/**
 * Reads /config.json, which is how one build runs from any host. Without the file, or with one that is not
 * understood, the API is where the page came from.
 */
export async function readConfig(fetch: typeof globalThis.fetch): Promise<Config> {
  try {
    const response = await fetch('/config.json', { headers: { Accept: 'application/json' } })
    const type = response.headers.get('content-type') ?? ''
    return response.ok && type.includes('json') ? parseConfig(await response.json()) : { backends: [] }
  } catch {
    return { backends: [] }
  }
}

/** Takes the origins out of what the file says; what is no http(s) address is left out. */
export function parseConfig(value: unknown): Config {
  const listed = (value as { backends?: unknown } | null)?.backends
  if (!Array.isArray(listed)) return { backends: [] }
  const backends = listed.flatMap((address) => {
    const url = typeof address === 'string' ? URL.parse(address) : null
    return url && /^https?:$/.test(url.protocol) ? [url.origin] : []
  })
  return { backends: [...new Set(backends)] }
}
