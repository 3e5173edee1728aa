/** Negative, zero or positive as `a` is older than, as old as or newer than `b`, by their leading numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The upstream part of a Debian package version: `2:28.5.2+dfsg4-5` is 28.5.2. */
export const upstreamVersion = (version: string): string =>
  /^(?:\d+:)?v?(\d+(?:\.\d+)*)/.exec(version.trim())?.[1] ?? '0'

const numbers = (version: string): number[] => upstreamVersion(version).split('.').map(Number)
