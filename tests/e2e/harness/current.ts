import { inject } from 'vitest'
import { Stack } from './stack.ts'

/** The stack that all test files share. */
export const stack = new Stack(inject('stack'))
