export type ServiceState = 'up' | 'down'
export type ServiceStates = Record<string, ServiceState>
export type Services = { look(): Promise<ServiceStates> }

const LONGEST_MS = 1500
const FRESH_MS = 1000

/**
 * Asks each service whether it is there. An answer serves everybody who asks within a second, so that health checks
 * cannot become load.
 */
export function serviceCheck(
  checks: Record<string, () => Promise<unknown>>,
  now: () => number = Date.now,
): Services {
  let latest: Promise<ServiceStates> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  const ask = async () => {
    const states = Object.entries(checks).map(async ([name, check]) => [name, await stateOf(check)] as const)
    return Object.fromEntries(await Promise.all(states))
  }
  return {
    look() {
      if (!latest || now() - askedAt >= FRESH_MS) {
        askedAt = now()
        latest = ask()
      }
      return latest
    },
  }
}

async function stateOf(check: () => Promise<unknown>): Promise<ServiceState> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<ServiceState>((resolve) => {
    timer = setTimeout(resolve, LONGEST_MS, 'down')
  })
  const asked = Promise.resolve()
    .then(check)
    .then(
      (): ServiceState => 'up',
      (): ServiceState => 'down',
    )
  const state = await Promise.race([asked, late])
  clearTimeout(timer)
  return state
}
