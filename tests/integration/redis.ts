import { inject } from 'vitest'

/** Of each worker: two files that run at a time share none, whatever numbers they take. */
const DATABASES = 16

/** Where the Redis of the tests is: with a database (0 to 15) of this worker's own. */
export function redisUrl(database: number): string {
  const worker = Number(process.env.VITEST_POOL_ID) - 1
  return `${inject('services').redis}/${worker * DATABASES + database}`
}
