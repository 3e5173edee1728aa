import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { releaseTag } from '../../../../scripts/docker/application-image.ts'
import { type JournalLine, releases } from '../../../../scripts/history/releases.ts'
import { toRemove } from '../../../../scripts/releases/retention.ts'
import { deployed, imageId, lines } from '../history/journal.ts'

const tag = (image: string, stack = 'shop') => releaseTag(stack, image)
const tags = (...digits: string[]) => digits.map((digit) => tag(imageId(digit)))
const decide = (
  journal: JournalLine[],
  { stored = [] as string[], folders = [] as string[], inUse = [] as string[], keep = 2 },
) => toRemove({ stack: 'shop', releases: releases(journal), inUse }, { tags: stored, folders }, keep)

const journal = ['1', '2', '3', '4'].flatMap((digit, at) =>
  deployed(`d${digit}`, digit, at % 2 ? 'green' : 'blue'),
)

describe('retention', () => {
  it('keeps the images and folders of the last releases that served', () => {
    expect(decide(journal, { stored: tags('1', '2', '3', '4'), folders: ['d1', 'd2', 'd3', 'd4'] })).toEqual({
      tags: tags('1', '2'),
      pulled: [],
      folders: ['d1', 'd2'],
    })
  })
  it('keeps what is in use', () => {
    const { tags: gone, folders } = decide(journal, {
      stored: tags('1', '2', '3', '4'),
      folders: ['d1', 'd2'],
      inUse: [imageId('1')],
    })
    expect({ gone, folders }).toEqual({ gone: tags('2'), folders: ['d2'] })
  })
  it('keeps the image of a deploy that has just failed, for whoever looks into it', () => {
    const failed = lines('f', 'deploy', [
      ['begin', { image: imageId('5'), to: 'blue' }],
      ['end', { result: 'failed' }],
    ])
    expect(decide([...journal, ...failed], { stored: tags('5', '4', '3', '2') }).tags).toEqual(tags('2'))
  })
  it("leaves other stacks' tags alone, also those of a stack whose name begins the same", () => {
    const others = [
      tag(imageId('1'), 'staging'),
      tag(imageId('1'), 'shop-test'),
      'ecomweb/release:1'.padEnd(28, '1'),
    ]
    expect(decide(journal, { stored: others }).tags).toEqual([])
  })
  it('removes nothing where the journal is lost', () => {
    expect(decide([], { stored: tags('1'), folders: ['d1'] })).toEqual({ tags: [], pulled: [], folders: [] })
  })
  it('gives up a reference that the kit pulled, unless a release that stays has it too', () => {
    const pulledAs = (id: string, digit: string, reference: string, to: string) =>
      lines(id, 'deploy', [
        ['begin', { plan: { image: imageId(digit), reference, pulled: true, to } }],
        ['end', { result: 'deployed' }],
      ])
    const history = [
      ...pulledAs('a', '1', 'shop:1', 'blue'),
      ...pulledAs('b', '2', 'shop:latest', 'green'),
      ...pulledAs('c', '3', 'shop:3', 'blue'),
      ...pulledAs('d', '4', 'shop:latest', 'green'),
    ]
    expect(decide(history, { stored: tags('1', '2', '3', '4') }).pulled).toEqual([
      { reference: 'shop:1', image: imageId('1') },
    ])
  })
})

/** What an operator may do; a failing deploy leaves the live colour, and the idle one as it was. */
type Move = {
  kind: 'deploy' | 'fail' | 'roll back by itself' | 'switch' | 'rollback' | 'prune'
  image: number
}

const moves = (images: number) =>
  fc.array(
    fc.record<Move>({
      kind: fc.constantFrom('deploy', 'fail', 'roll back by itself', 'switch', 'rollback', 'prune'),
      image: fc.nat(images - 1),
    }),
    { maxLength: 60 },
  )

/**
 * A stack by the rules of a deploy alone: two colours, one of them live, and what served before. In an `old` journal
 * a switch names only its colour.
 */
function stackModel(keep: number, old = false) {
  const journal: JournalLine[] = []
  const runs = { blue: imageOf(0), green: imageOf(0) }
  const stored = new Set([tag(imageOf(0))])
  let live: 'blue' | 'green' = 'blue'
  let previous: string | undefined
  const deployedOnce = new Set<string>()
  const idle = () => (live === 'blue' ? 'green' : 'blue')
  const write = (command: string, begin: object, result: string) =>
    journal.push(
      ...lines(`r${journal.length}`, command, [
        ['begin', { ...begin }],
        ['end', { result }],
      ]),
    )
  const serve = (colour: 'blue' | 'green', image: string) => {
    // What `up` started was never deployed: it has no release that a rollback could name.
    if (image !== runs[live] && deployedOnce.has(runs[live])) previous = runs[live]
    live = colour
    runs[colour] = image
  }
  return {
    move({ kind, image }: Move) {
      const id = imageOf(image)
      const to = idle()
      if (kind === 'prune') {
        const known = { stack: 'shop', releases: releases(journal), inUse: Object.values(runs) }
        for (const gone of toRemove(known, { tags: [...stored], folders: [] }, keep).tags) stored.delete(gone)
      } else if (kind === 'switch' || kind === 'rollback') {
        const begin = old ? { to } : { to, image: runs[to] }
        write(kind, begin, kind === 'switch' ? 'switched' : 'rolled-back')
        serve(to, runs[to])
      } else {
        stored.add(tag(id))
        const result = { deploy: 'deployed', fail: 'failed', 'roll back by itself': 'rolled-back' }[kind]
        write('deploy', { plan: { image: id, from: live, to } }, result)
        if (kind !== 'deploy') return
        serve(to, id)
        deployedOnce.add(id)
      }
    },
    /** Images that must be there: both colours', and what served before this one, if the journal knows of it. */
    needed: () => [...Object.values(runs), ...(previous ? [previous] : [])].map((image) => tag(image)),
    stored,
  }
}

const imageOf = (image: number): string => imageId(image.toString(16))

describe('whatever is deployed, switched, rolled back and pruned in any order', () => {
  it.each([0, 1, 2, 5])('a rollback target is never deleted, keeping %i', (keep) => {
    fc.assert(
      fc.property(moves(3), fc.boolean(), (sequence, old) => {
        const model = stackModel(keep, old)
        for (const move of sequence) {
          model.move(move)
          expect([...model.stored]).toEqual(expect.arrayContaining(model.needed()))
        }
      }),
      { numRuns: 1500 },
    )
  })
  it('no more than the last releases stay, with what is in use and the newest deploy', () => {
    fc.assert(
      fc.property(moves(12), fc.integer({ min: 2, max: 6 }), (sequence, keep) => {
        const model = stackModel(keep)
        for (const move of [...sequence, { kind: 'prune', image: 0 } as const]) model.move(move)
        // Both colours, two rollback targets, the newest deploy, and one image that the journal never saw.
        expect(model.stored.size).toBeLessThanOrEqual(keep + 6)
      }),
    )
  })
})
