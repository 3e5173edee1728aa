import { z } from 'zod'

/** One account for an address, however its letters were typed. */
export const email = z.email().max(254).toLowerCase()

/** What a client sends to register and to sign in. Rules about the password are in passwords.ts. */
export const credentials = z.object({ email, password: z.string().min(1).max(1024) })

/** What a client on another host sends to refresh and to sign out; others have the cookie. */
export const refreshRequest = z.object({ refresh_token: z.string().max(200).optional() })

export const role = z.enum(['user', 'admin'])

/** A user as they see themselves. */
export const userView = z.object({ id: z.uuid(), email: z.string(), role })

/** The answer to whoever signs in: `expires_in` in seconds, `refresh_token` for clients on other hosts only. */
export const sessionView = z.object({
  token: z.string(),
  expires_in: z.int(),
  user: userView,
  refresh_token: z.string().optional(),
})

export type Credentials = z.infer<typeof credentials>
export type UserView = z.infer<typeof userView>
export type SessionView = z.infer<typeof sessionView>
