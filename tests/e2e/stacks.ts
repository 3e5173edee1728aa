import { availableParallelism } from 'node:os'

/**
 * So many files of the end to end tests run at a time, each on a stack of its own. On two cores a second one gains
 * nothing: both wait for the processor, and each takes 1.5 to 2.4 times as long.
 */
export const STACKS = availableParallelism() >= 4 ? 2 : 1
