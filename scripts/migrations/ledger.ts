import { containersOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import type { Disk, Ledger } from '../ports.ts'
import type { Runner } from '../run.ts'

/** The schema of the database that `.env.api` names, as the application's own role sees it. */
export const realLedger = (_disk: Disk, _runner: Runner): Ledger => ({
  async migrations() {
    void containersOf
    throw new KitError('to be merged')
  },
})
