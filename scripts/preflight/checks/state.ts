import { unfinished } from '../../deploy/unfinished.ts'
import { check, type Found, stop, unlessSeen, warn } from '../check.ts'

export const lockCheck = check({
  id: 'lock',
  title: 'Deploy lock',
  needs: ['lock'],
  look({ lock }) {
    if (!lock.held) return 'free'
    const who = lock.owner.trim() || 'its owner is not known'
    return [
      stop(
        'another command holds the deploy lock',
        `two commands that change the stack never run at once; it is held by\n${who}`,
        'wait until it ends, or add --wait; a process that hangs is named by: fuser -v .ecomweb/lock',
      ),
    ]
  },
})

export const unfinishedCheck = check({
  id: 'unfinished',
  title: 'No unfinished command',
  needs: ['journal', 'lock'],
  look({ journal, lock }) {
    const begun = unfinished(journal)
    if (!begun) return journal.length > 0 ? 'the last command ended' : 'nothing was deployed yet'
    if (lock.held) return `${begun.command} ${begun.id} is running`
    return [
      stop(
        `${begun.command} ${begun.id} was begun ${begun.begin.at.slice(0, 19)}Z and never ended`,
        'it was cut off between two steps: parts of the stack may be of either release',
        './ecomweb resume   (or ./ecomweb abort)',
      ),
    ]
  },
})

export const driftCheck = check({
  id: 'drift',
  title: 'What runs is what the files say',
  needs: ['drift'],
  look({ drift: { drift, edge } }) {
    const found: Found[] = drift.map(({ kind, what, repair }) =>
      kind === 'version'
        ? warn(what, 'workflows may wait until it is mended; a deploy makes its own version current', repair)
        : // Another number of workers is what an operator asked for; Compose forgets it at the next `up`.
          (kind === 'scale' ? warn : stop)(
            what,
            'the next docker compose up -d would change what runs',
            repair,
          ),
    )
    if ('error' in edge) {
      found.push(
        stop(
          'HAProxy does not say where traffic goes',
          `without it nothing serves, and nothing can be switched: ${edge.error}`,
          './ecomweb up   (or ./ecomweb logs ecomweb_haproxy)',
        ),
      )
    }
    return unlessSeen(found, 'value' in edge ? `${edge.value.active} serves, no drift` : 'no drift')
  },
})
