import { isDeepStrictEqual } from 'node:util'
import type { Operation } from '../../../apps/api/openapi/operation.ts'
import { problem } from '../../../apps/api/openapi/problem.ts'
import type { Answered } from './exchange.ts'
import type { Case } from './requests.ts'
import type { World } from './world.ts'

/** What is wrong with an answer; nothing is as it should be. */
export function faults(operation: Operation, asked: Case, answer: Answered, world: World): string[] {
  return [
    ...ofStatus(operation, asked, answer),
    ...ofBody(operation, asked, answer),
    ...leaks(answer),
    ...ofPrivacy(asked, answer, world),
  ]
}

/** HTTP's own: a part of what was asked for, and "as you have it". */
const ALWAYS = [204, 206, 304]

function ofStatus({ answers }: Operation, { valid, astray }: Case, { status }: Answered): string[] {
  if (status >= 500 && !(status in answers)) return [`a server error: ${status}`]
  if (valid && [400, 413, 415].includes(status))
    return [`a request by the document is refused with ${status}`]
  if (status < 400 && !astray && !(status in answers) && !ALWAYS.includes(status))
    return [`the document knows no ${status}`]
  return []
}

function ofBody(
  { answers }: Operation,
  { astray, sent }: Case,
  { status, headers, text }: Answered,
): string[] {
  if (sent.method === 'HEAD' || text === '') {
    return status >= 400 && sent.method !== 'HEAD' ? ['a refusal without a body'] : []
  }
  const type = String(headers['content-type']).split(';')[0] as string
  if (type === 'application/problem+json') return unlike(problem, text)
  const declared = answers[status === 206 ? 200 : status]
  if (declared === undefined) return status < 400 && astray ? [] : [`a body of ${type} that is not declared`]
  if (astray && status < 400) return []
  const types = [declared.type ?? 'application/json'].flat()
  if (!types.includes(type)) return [`${type} instead of ${types.join(', ')}`]
  return declared.schema && type === 'application/json' ? unlike(declared.schema, text) : []
}

type Schema = NonNullable<Operation['answers'][number]['schema']>

/** How a body differs from its schema; what the schema does not mention is a difference too. */
function unlike(schema: Schema, text: string): string[] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return ['the body is no JSON']
  }
  const parsed = schema.safeParse(body)
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return isDeepStrictEqual(parsed.data, body) ? [] : ['the body has fields that the document does not']
}

/** Signs of what is inside: a stack, a path of the code, SQL, the names of its parts. */
const inside = [
  /\n\s*at .+:\d+:\d+/,
  /node_modules|\/apps\/(api|core)\//,
  /prisma|invocation|ioredis|\bpg_|violates|sqlstate/i,
  /\b(SELECT|INSERT|UPDATE)\b.+\b(FROM|INTO|SET)\b/,
]

const leaks = ({ text }: Answered): string[] =>
  inside
    .filter((sign) => sign.test(text))
    .map((sign) => `the body tells of the inside: ${sign.exec(text)?.[0]}`)

function ofPrivacy({ actor, sent }: Case, { status, text }: Answered, { secret }: World): string[] {
  // A token that was replaced stands for nobody in particular.
  if (actor === 'admin') return []
  const asked = `${sent.path} ${sent.body ?? ''}`
  const told = [...secret.orders, ...secret.texts].filter((one) => text.includes(one) && !asked.includes(one))
  const shown = secret.orders.filter((id) => sent.path.includes(id) && status < 300)
  return [...told, ...shown].map((one) => `${actor} is shown what is somebody else's: ${one}`)
}
