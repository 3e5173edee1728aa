import { check, type Found, stop, unlessSeen, warn } from '../check.ts'
import { type ExampleVariable, malformed, readExample } from './example.ts'

/** The password of docker-compose.yml and the example, known to everybody. */
const PLACEHOLDER = 'ecomweb-development-only'

export const environmentCheck = check({
  id: 'environment',
  title: 'Environment complete',
  needs: ['files', 'declared'],
  look({ files: { env, app, example }, declared }) {
    const known = readExample(example)
    const found = [
      ...known.flatMap((variable) => missing(variable, app, declared)),
      ...known.flatMap((variable) => wrong(variable, app)),
      ...placeholders(env, app),
    ]
    return unlessSeen(
      found,
      `${known.filter(({ name }) => app[name]).length} of ${known.length} variables set`,
    )
  },
})

/** What has a default, in the example or in the image, may be left out; an empty value counts as left out. */
function missing(
  { name, value, explained, optional }: ExampleVariable,
  app: Record<string, string>,
  declared: Record<string, string>,
): Found[] {
  if (app[name] || optional || value === '' || declared[name]) return []
  // An address differs from host to host; of the rest the application may well have a default of its own.
  const level = /:/.test(value) ? stop : warn
  return [
    level(
      `${name} is missing in .env.api`,
      `the application needs it${explained ? `: ${explained}` : ''}`,
      `add to .env.api, after the pattern of the example: ${name}=${value}`,
    ),
  ]
}

function wrong({ name, value, explained }: ExampleVariable, app: Record<string, string>): Found[] {
  const given = app[name]
  if (!given) return []
  const should = name === 'ENVIRONMENT' ? environment(given) : malformed(given, value)
  // The value itself is not shown: it may hold a password.
  return should
    ? [
        stop(
          `${name} in .env.api is not valid: it should be ${should}`,
          `the new colour would not start${explained ? `. ${explained}` : ''}`,
          `edit ${name} in .env.api, then ./ecomweb doctor`,
        ),
      ]
    : []
}

const environment = (given: string): string | undefined =>
  given === 'staging' || given === 'production' ? undefined : 'staging or production'

function placeholders(env: Record<string, string>, app: Record<string, string>): Found[] {
  if ((app.ENVIRONMENT || 'production') !== 'production') return []
  const embedded = env.POSTGRES_REPLICAS !== '0'
  const passwords = ['POSTGRES_PASSWORD', 'OWNER_DB_PASSWORD', 'APP_DB_PASSWORD', 'TEMPORAL_DB_PASSWORD']
  const names = [
    ...(embedded ? passwords.filter((name) => (env[name] || PLACEHOLDER) === PLACEHOLDER) : []),
    ...Object.keys(app).filter((name) => app[name]?.includes(`:${PLACEHOLDER}@`)),
  ]
  if (names.length === 0) return []
  return [
    warn(
      `${names.join(', ')} ${names.length === 1 ? 'holds' : 'hold'} the password of the example`,
      'ENVIRONMENT is production, and everybody knows that password',
      'ALTER ROLE … PASSWORD in PostgreSQL, the same value in .env and .env.api, then ./ecomweb deploy',
    ),
  ]
}
