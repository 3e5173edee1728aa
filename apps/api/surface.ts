import type { Env } from '../core/env.ts'

/** What the outside of the API depends on, beside the routes themselves. */
export type Surface = {
  /** the public address of the shop */
  appUrl: string
  /** the origins of web clients on other hosts, which may call this API */
  clientOrigins: string[]
  /** the origins of other APIs, to which the web client that is served here goes when this one fails, in order */
  apiOrigins: string[]
  /** the folder of the built web client; it may be absent */
  webDirectory: string
}

type Settings = Pick<Env, 'APP_URL' | 'CORS_ORIGINS' | 'FRONTEND_URL' | 'WEB_API_ORIGINS' | 'WEB_DIR'>

/** Reads it from the environment. */
export function surfaceOf(env: Settings): Surface {
  return {
    appUrl: env.APP_URL,
    clientOrigins: [...env.CORS_ORIGINS, ...(env.FRONTEND_URL ? [env.FRONTEND_URL] : [])],
    apiOrigins: env.WEB_API_ORIGINS,
    webDirectory: env.WEB_DIR,
  }
}
