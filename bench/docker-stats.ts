import { KitError } from '../scripts/errors.ts'

const UNITS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** Bytes of an amount as Docker writes it: `86.3MiB`. Errors: anything else. */
export function parseBytes(text: string): number {
  const [, amount, unit] = /^([\d.]+)\s*([A-Za-z]+)$/.exec(text.trim()) ?? []
  const factor = UNITS[unit ?? '']
  if (amount === undefined || factor === undefined) {
    throw new KitError(`"${text}" is no amount of memory`, { next: 'docker stats --no-stream' })
  }
  return Number(amount) * factor
}

/** MiB by container, from lines of `docker stats --no-stream --format '{{json .}}'`. */
export function parseMemory(text: string): Record<string, number> {
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { Name: string; MemUsage: string })
  return Object.fromEntries(
    rows.map(({ Name, MemUsage }) => [Name, parseBytes(MemUsage.split('/')[0] ?? '') / 2 ** 20]),
  )
}
