import { z } from 'zod'
import { role } from '../auth/schemas.ts'
import { pageQuery } from '../pagination.ts'

export const page = pageQuery()

/** `search`: a part of the e-mail address. */
export const usersQuery = page.extend({
  search: z
    .string()
    .trim()
    .max(254)
    .refine((text) => !text.includes('\0'), 'no address contains a zero character')
    .optional(),
})

export const userChange = z
  .strictObject({ role: role.optional(), disabled: z.boolean().optional() })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, {
    message: 'say what should change: role, disabled, or both',
  })

/** A user as administrators see them. */
export const managedUser = z.object({
  id: z.uuid(),
  email: z.string(),
  role,
  created_at: z.iso.datetime(),
  disabled_at: z.iso.datetime().nullable(),
})

export type UserChange = z.infer<typeof userChange>
export type ManagedUser = z.infer<typeof managedUser>
