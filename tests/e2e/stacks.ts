/** So many files of the end to end tests run at a time, each on a stack of its own. */
export const STACKS = 2
