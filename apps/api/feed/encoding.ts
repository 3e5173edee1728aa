/**
 * The encoding that a client likes best by the q-values of its Accept-Encoding; of equals the first of `offered`.
 * Unless it is named, `identity` is accepted, but any other is liked better. Undefined if none is acceptable.
 */
export function chooseEncoding<E extends string>(
  accepted: string | undefined,
  offered: readonly E[],
): E | undefined {
  const qualities = parse(accepted ?? '')
  const quality = (encoding: E) =>
    qualities.get(encoding) ??
    (encoding === 'identity' ? unnamedIdentity(qualities) : (qualities.get('*') ?? 0))
  const best = Math.max(...offered.map(quality))
  return best > 0 ? offered.find((encoding) => quality(encoding) === best) : undefined
}

/** Below the least quality that can be written, and yet not 0. */
const LEAST = 0.0001

const unnamedIdentity = (qualities: Map<string, number>): number => (qualities.get('*') === 0 ? 0 : LEAST)

function parse(header: string): Map<string, number> {
  const qualities = new Map<string, number>()
  for (const item of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const quality = q === undefined ? 1 : Number(q.slice(2))
    if (name) qualities.set(name === 'x-gzip' ? 'gzip' : name, quality >= 0 && quality <= 1 ? quality : 0)
  }
  return qualities
}
