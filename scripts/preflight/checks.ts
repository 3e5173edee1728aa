import type { Check } from './check.ts'
import { connectionsCheck } from './checks/connections.ts'
import { environmentCheck } from './checks/environment.ts'
import { composeCheck, edgeCheck, hooksCheck, modesCheck, settingsCheck } from './checks/files.ts'
import { clockCheck, diskCheck, engineCheck, memoryCheck, portsCheck } from './checks/host.ts'
import { contractCheck, imageCheck } from './checks/image.ts'
import { driftCheck, lockCheck, unfinishedCheck } from './checks/state.ts'
import { timeLimitsCheck } from './checks/time-limits.ts'

/** In the order in which they are shown: what others depend on comes first. */
export const CHECKS: readonly Check[] = [
  engineCheck,
  settingsCheck,
  environmentCheck,
  modesCheck,
  composeCheck,
  edgeCheck,
  hooksCheck,
  imageCheck,
  contractCheck,
  timeLimitsCheck,
  diskCheck,
  memoryCheck,
  connectionsCheck,
  portsCheck,
  clockCheck,
  lockCheck,
  unfinishedCheck,
  driftCheck,
]
