import type { CookieOptions, Request, Response } from 'express'

const NAME = 'ecomweb_refresh'

/** How the refresh token travels to browsers on the shop's own host. */
export type RefreshCookie = {
  read(request: Request): string | undefined
  write(response: Response, token: string): void
  clear(response: Response): void
}

/**
 * A cookie that no script reads, no other site causes to be sent, and no other route gets.
 *
 * @param secure whether the shop is reached by https: a browser keeps a Secure cookie only there
 */
export function refreshCookie({ days, secure }: { days: number; secure: boolean }): RefreshCookie {
  const options: CookieOptions = { httpOnly: true, sameSite: 'strict', path: '/api/auth', secure }
  return {
    read(request) {
      for (const pair of (request.get('cookie') ?? '').split(';')) {
        const [name, value] = pair.trim().split('=')
        if (name === NAME && value) return value
      }
      return undefined
    },
    write: (response, token) =>
      void response.cookie(NAME, token, { ...options, maxAge: days * 24 * 60 * 60 * 1000 }),
    clear: (response) => void response.clearCookie(NAME, options),
  }
}
