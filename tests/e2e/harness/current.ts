import { inject } from 'vitest'
import { Stack } from './stack.ts'

/** The stack of this worker, which runs one file at a time. */
const info = inject('stacks')[Number(process.env.VITEST_POOL_ID) - 1]
if (!info) throw new Error('there are more workers than stacks: run with --maxWorkers 1')

/** The stack that this file has for itself. */
export const stack = new Stack(info)
