import { adminOperations } from '../admin/operations.ts'
import { authOperations } from '../auth/operations.ts'
import { eventOperations } from '../events/operations.ts'
import { feedOperations } from '../feed/operations.ts'
import { healthOperations } from '../health/operations.ts'
import { importOperations } from '../imports/operations.ts'
import { orderOperations } from '../orders/operations.ts'
import { productOperations } from '../products/operations.ts'
import { uploadOperations } from '../uploads/operations.ts'
import type { Operation } from './operation.ts'

/** Everything that clients can ask this API. */
export const operations: Operation[] = [
  ...authOperations,
  ...productOperations,
  ...orderOperations,
  ...eventOperations,
  ...uploadOperations,
  ...adminOperations,
  ...feedOperations,
  ...importOperations,
  ...healthOperations,
]
