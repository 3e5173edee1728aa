/** An answer of the API that is no success. `message` is meant for people. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly requestId: string | undefined
  /** What is wrong with which field of the request. */
  readonly fields: { path: string; message: string }[]
  /** Seconds to wait before asking again, if the API said so. */
  readonly retryAfter: number | undefined
  /** Everything that the answer said. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(
    status: number,
    message: string,
    more: Partial<Pick<ApiError, 'requestId' | 'fields' | 'retryAfter' | 'members'>> = {},
  ) {
    super(message)
    this.status = status
    this.requestId = more.requestId
    this.fields = more.fields ?? []
    this.retryAfter = more.retryAfter
    this.members = more.members ?? {}
  }
}

/** No answer came: what was asked may or may not have been done. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

type Problem = { detail?: string; error?: string; title?: string; request_id?: string; errors?: unknown }

/** Makes an error of a response that is not ok, whatever its body is. */
export async function toApiError(response: Response): Promise<ApiError> {
  const problem = await readProblem(response)
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError(
    response.status,
    problem.detail ?? problem.error ?? problem.title ?? fallback(response.status),
    {
      requestId: problem.request_id ?? response.headers.get('x-request-id') ?? undefined,
      fields: Array.isArray(problem.errors) ? problem.errors.filter(isField) : [],
      members: problem,
      retryAfter: Number.isFinite(wait) ? wait : undefined,
    },
  )
}

const isField = (entry: Partial<ApiError['fields'][number]> | null): boolean =>
  typeof entry?.path === 'string' && typeof entry.message === 'string'

async function readProblem(response: Response): Promise<Problem> {
  if (!(response.headers.get('content-type') ?? '').includes('json')) return {}
  try {
    return ((await response.json()) as Problem | null) ?? {}
  } catch {
    return {}
  }
}

function fallback(status: number): string {
  if (status === 429) return 'too many requests: wait a moment'
  return status >= 500 ? 'the shop cannot answer at the moment' : `the request was refused (${status})`
}

/** A sentence for people, with what they can do next. */
export function explain(error: unknown): { message: string; hint: string; requestId?: string | undefined } {
  if (error instanceof Unreachable) {
    return { message: 'The shop cannot be reached.', hint: 'Check your connection and try again.' }
  }
  if (error instanceof ApiError) {
    return { message: sentence(error.message), hint: hintFor(error), requestId: error.requestId }
  }
  return { message: 'Something went wrong on this page.', hint: 'Try again, or load the page anew.' }
}

function hintFor({ status, retryAfter }: ApiError): string {
  if (status === 429) return retryAfter ? `Try again in ${retryAfter} s.` : 'Try again in a minute.'
  if (status === 401) return 'Sign in and try again.'
  return status >= 500 ? 'It is not your fault: try again in a moment.' : ''
}

/** The API writes its messages in lower case and without a full stop. */
function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
