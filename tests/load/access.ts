import { expectStatus, json, send } from './http.ts'

/** How a load is let in; as a guest who is throttled like anybody else if nothing is given. */
export type Access = {
  /** The shop's RATE_LIMIT_EXEMPT_TOKEN: a crowd that comes from one address is throttled without it. */
  exempt?: string | undefined
  /** The access token as which streams are opened, asked for at each connection: administrators see all events. */
  token?: (() => Promise<string>) | undefined
}

export type Credentials = { email: string; password: string }

/** What goes with every request of a load. */
export const exemption = ({ exempt }: Access): Record<string, string> =>
  exempt ? { 'x-ecomweb-exempt': exempt } : {}

/** What a stream or a request that is not everybody's says besides: who asks. */
export async function authorization({ token }: Access): Promise<Record<string, string>> {
  return token ? { authorization: `Bearer ${await token()}` } : {}
}

type SignedIn = { token: string; expires_in: number }

/**
 * Signs in when a token is first asked for and again once two thirds of its life are over, so that no connection is
 * begun with one that is about to expire. Errors: an answer other than 200, at each request for a token.
 */
export function signIn(
  url: URL | string,
  credentials: Credentials,
  exempt?: string,
  now: () => number = () => performance.now(),
): () => Promise<string> {
  let current: Promise<string> | undefined
  let renewAt = Number.POSITIVE_INFINITY
  const ask = async (): Promise<string> => {
    const answer = await send(new URL('/api/auth/login', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...exemption({ exempt }) },
      body: JSON.stringify(credentials),
    })
    expectStatus(answer, 200)
    const { token, expires_in } = json<SignedIn>(answer)
    renewAt = now() + (expires_in * 1000 * 2) / 3
    return token
  }
  return () => {
    if (current && now() < renewAt) return current
    renewAt = Number.POSITIVE_INFINITY
    const asked = ask()
    current = asked
    // The next one tries again.
    asked.catch(() => {
      if (current === asked) current = undefined
    })
    return asked
  }
}
