import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { HttpError } from '../errors.ts'
import type { KeyRing } from './keys.ts'
import type { AccessTokens, Principal } from './principal.ts'

/** `expires_in` in seconds. */
export type AccessToken = { token: string; expires_in: number }

export type TokenIssuer = AccessTokens & { issue(to: Principal): Promise<AccessToken> }

/** Named where a token is verified as well: one that says "none", or another, is refused before anything is computed. */
const ALGORITHM = 'HS256'
const AUDIENCE = 'ecomweb-shop'

const claims = z.object({ sub: z.uuid(), role: z.enum(['user', 'admin']), exp: z.number() })

/**
 * Access tokens: JWTs that carry who somebody is, so that a request is authenticated without asking a database. The
 * price: what they say stays true for their holder until they expire, also after a change of role or an exclusion.
 *
 * @param issuer the public address of the shop, so that a token of staging is none of production
 */
export function accessTokens(
  keys: KeyRing,
  { issuer, minutes }: { issuer: string; minutes: number },
  now: () => number = Date.now,
): TokenIssuer {
  return {
    async issue({ id, role }) {
      const { id: kid, key } = await keys.signing()
      const seconds = Math.floor(now() / 1000)
      const token = await new SignJWT({ role })
        .setProtectedHeader({ alg: ALGORITHM, kid })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(id)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + minutes * 60)
        .sign(key)
      return { token, expires_in: minutes * 60 }
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = typeof kid === 'string' ? await keys.find(kid) : undefined
            if (!key) throw new errors.JWKSNoMatchingKey()
            return key
          },
          {
            algorithms: [ALGORITHM],
            issuer,
            audience: AUDIENCE,
            requiredClaims: ['sub', 'exp'],
            currentDate: new Date(now()),
          },
        )
        const { sub, role, exp } = claims.parse(payload)
        return { id: sub, role, expiresAt: exp * 1000 }
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw new HttpError(401, 'the access token has expired')
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
          throw new HttpError(401, 'the access token is not valid')
        }
        throw error
      }
    },
  }
}
