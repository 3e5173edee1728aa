import type { Database } from '../../core/database.ts'
import { HOUR_MS, type PlainJob, type TransactionalJob } from '../job.ts'

const schedule = '* * * * * *'
const catchUp = { policy: 'all', withinMs: HOUR_MS } as const

/** Jobs whose only effect is a row per run: what proves the schedule counts them. */
export function proofJobs(database: Database): [TransactionalJob, PlainJob] {
  return [
    {
      ...{ name: 'proof-transactional', schedule, catchUp, transactional: true },
      run: (slot, { transaction }) =>
        transaction.cronProof.create({ data: { job: 'proof-transactional', slot } }),
    },
    {
      ...{ name: 'proof-plain', schedule, catchUp, interrupted: 'report' },
      run: (slot) => database.cronProof.create({ data: { job: 'proof-plain', slot } }),
    },
  ]
}
