/** `./ecomweb test --chaos all` takes everything. */
export const WHOLE = process.env.CHAOS === 'all'
/** Chooses what every other run takes; the same again with CHAOS_SEED. */
export const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 100_000)

/** All of them, or so many, by the seed. */
export const draw = <T>(items: readonly T[], count: number): T[] =>
  WHOLE ? [...items] : shuffled(items, SEED).slice(0, count)

/** The same order for the same seed (Fisher and Yates; the numbers are Mulberry32's). */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const mixed = [...items]
  let state = seed
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    const other = Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 4294967296) * (last + 1))
    ;[mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T]
  }
  return mixed
}
