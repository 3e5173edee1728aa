import type { Watched } from '../analysis/types.ts'

/** Reading of journal lines that another version of the kit may have written: what has another type is not there. */
type Facts = Record<string, unknown> | undefined

export const textOf = (facts: Facts, name: string): string | undefined => {
  const value = facts?.[name]
  return typeof value === 'string' ? value : undefined
}

export const numberOf = (facts: Facts, name: string): number | undefined => {
  const value = facts?.[name]
  return typeof value === 'number' ? value : undefined
}

/** Undefined also where it is empty. */
export const listOf = (facts: Facts, name: string): string[] | undefined => {
  const value = facts?.[name]
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined
}

export const childOf = (facts: Facts, name: string): Facts => {
  const value = facts?.[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** The facts of a watch step. */
export const watchedOf = (facts: unknown): Watched | undefined => {
  const { verdict, phase, figures } = (facts ?? {}) as Partial<Watched>
  return verdict && phase && Array.isArray(figures) ? (facts as Watched) : undefined
}
