import type { Found } from './find.ts'

/** A match that is no secret. Every given part has to fit; the reason is for whoever reads this list. */
export type Allowed = { rule: string; path?: RegExp; secret?: RegExp; reason: string }

const DEVELOPMENT = /^ecomweb-development-only$/

export const ALLOWED: Allowed[] = [
  {
    rule: 'url-password',
    secret: DEVELOPMENT,
    reason: 'the published default of development stacks; `./ecomweb up` draws passwords of its own',
  },
  {
    rule: 'env-value',
    secret: DEVELOPMENT,
    reason: 'the same, in a .env.api that was copied from the example',
  },
  {
    rule: 'url-password',
    path: /^(tests|bench)\//,
    secret: /^[a-z]+2?(-[a-z]+2?)*$/,
    reason: 'made of words, for tests that show how passwords are hidden; a random one is found here too',
  },
]

/** Whether a match at a path is on the list. */
export const isAllowed = (
  found: Pick<Found, 'rule' | 'secret'>,
  path: string,
  list: readonly Allowed[] = ALLOWED,
): boolean =>
  list.some(
    ({ rule, path: where, secret }) =>
      rule === found.rule && (where?.test(path) ?? true) && (secret?.test(found.secret) ?? true),
  )
