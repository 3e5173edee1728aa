import { sayLeft } from '../migrations/left.ts'
import { apiService, imageVariable } from '../stack/colours.ts'
import { formatWatched, headline } from './format.ts'
import { isGood, type Release } from './releases.ts'

/**
 * Why a release ended as it did, so that nobody has to search: the step and figure that decided, what is known of
 * the container, where its last lines are, what was undone, and the command to type next.
 */
export function explainEnd(release: Release): string {
  const { failure, watched, undone, notUndone } = release
  const step = release.steps.find((each) => each.step === failure?.step)
  const failing = watched.find(({ verdict }) => verdict === 'fail') ?? watched.at(-1)
  const lines = (label: string, text: string | undefined) => (text ? [labelled(label, text)] : [])
  return [
    headline(release),
    ...lines('step', step?.title),
    ...lines('why', [failure?.error ?? outcome(release), failure?.why].filter(Boolean).join('\n')),
    ...lines('seen', failing && formatWatched(failing).join('\n')),
    ...lines('exit', exitOf(release)),
    ...lines('log', failure?.log),
    ...lines('kept', release.kept),
    ...lines('look', lookInto(release)),
    ...lines('changed', release.changed?.join('\n')),
    ...lines('schema', sayLeft(release.migrations).join()),
    ...lines('undone', undone.join(', ')),
    ...lines('not undone', notUndone.join(', ')),
    ...lines('next', nextOf(release)),
  ].join('\n')
}

/** Starts the failed image as it was started, for hands: without a port, and by no name that users could reach. */
const lookInto = ({ kept, to, image }: Release): string | undefined =>
  kept && to && image
    ? `${imageVariable(to)}=${image} docker compose run --rm --no-deps ${apiService(to)} bash`
    : undefined

const WIDTH = 12

const labelled = (label: string, text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line, at) => `  ${(at === 0 ? `${label}:` : '').padEnd(WIDTH)}${line}`)
    .join('\n')

/** For an end that no failure explains. */
function outcome(release: Release): string {
  const { command, result, steps } = release
  if (isGood(release) || result === 'contracted') return 'every step went well'
  if (result === 'unchanged') return 'there was nothing to do'
  if (result === 'aborted') return `the ${command} was aborted by command, and what it had done was undone`
  if (result !== 'unfinished') return 'the journal gives no reason'
  const last = steps.at(-1)
  if (!last) return `the ${command} was cut off before its first step`
  return `the ${command} was cut off ${last.ok ? 'after' : 'in'} "${last.title}", or is still running`
}

function exitOf({ failure }: Release): string | undefined {
  if (failure?.exitCode === undefined && !failure?.oomKilled) return undefined
  const code = failure.exitCode === undefined ? '' : `exit code ${failure.exitCode}`
  const memory = failure.oomKilled ? 'killed because it used more memory than its limit' : ''
  return [code, memory].filter(Boolean).join(', ')
}

function nextOf(release: Release): string {
  const { result, failure } = release
  if (result === 'unfinished') return './ecomweb resume, or ./ecomweb abort'
  if (failure?.next) return failure.next
  if (isGood(release) || /^(contracted|unchanged)$/.test(result)) return './ecomweb status'
  return `./ecomweb history show ${release.id}`
}
