import type { Request } from 'express'
import type { Principal } from '../../api/auth/principal.ts'
import { actorOf } from '../actor.ts'

/** Who does something, and within which request: for the audit log. */
export type By = { actor: Principal; requestId: string }

/** Errors: 401 when the API has not said who asks. */
export const byOf = (request: Request): By => ({ actor: actorOf(request), requestId: String(request.id) })
