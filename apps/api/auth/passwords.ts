import { createHmac } from 'node:crypto'
import { availableParallelism } from 'node:os'
import bcrypt from 'bcrypt'
import { HttpError } from '../errors.ts'
import { isExpected } from './blocklist.ts'

/** Unicode characters (code points). */
const LEAST = 15
const MOST = 256

/**
 * What is wrong with a new password, in words for whoever chose it; undefined when nothing is.
 *
 * By NIST SP 800-63B-4 (July 2025), section 3.1.1.2: a password that is the only factor, as here, has at least 15
 * characters (8 would do beside a second factor); at least 64 are accepted; each code point counts as one; no rule
 * asks for kinds of characters; and the whole password is compared with a list of expected ones, the name of the
 * service and of the user among them.
 *
 * @param about words that name the shop and the user; an e-mail address counts with its parts
 */
export function passwordProblem(password: string, about: string[]): string | undefined {
  const length = [...normalise(password)].length
  if (length < LEAST)
    return `should have at least ${LEAST} characters, such as four or five words that nobody would guess`
  if (length > MOST) return `should have at most ${MOST} characters`
  const words = about.flatMap((word) => [word, ...word.split(/[@.+_-]/), word.split('@')[0] ?? ''])
  if (isExpected(password, words))
    return 'is among the first that attackers try, made of common words, your e-mail address, runs of keys or repetition'
  return undefined
}

export type Passwords = {
  hash(password: string): Promise<string>
  /** Does the same work whether there is a hash or not, so that time does not tell which accounts exist. */
  matches(password: string, hash: string | null | undefined): Promise<boolean>
}

/**
 * Passwords by bcrypt. Only so many are hashed at once, since each keeps a core busy for a quarter of a second and a
 * thread from the files that share the pool; and only so many wait.
 *
 * @param cost each more doubles the work; 12 takes about 0.25 s
 * Errors: 503 when more than `most` wait.
 */
export function bcryptPasswords(cost = 12, most = 64): Passwords {
  const inTurn = turns(Math.min(2, availableParallelism()), most)
  // As much work to compare with as a real one, and matched by nothing.
  const nobodys = `${bcrypt.genSaltSync(cost)}${'.'.repeat(31)}`
  return {
    hash: (password) => inTurn(() => bcrypt.hash(digest(password), cost)),
    matches: async (password, hash) => {
      const same = await inTurn(() => bcrypt.compare(digest(password), hash ?? nobodys))
      return same && Boolean(hash)
    },
  }
}

/** One person may type é as one character and another as two: they are one in NFC. */
const normalise = (password: string): string => password.normalize('NFC')

/**
 * bcrypt reads 72 bytes and stops at a zero, so a long passphrase would be cut. Its SHA-256 in base64 is 44 bytes
 * without a zero. Keyed with this shop's own name, because digests that leaked elsewhere could otherwise be tried
 * against these hashes without knowing a password.
 */
const digest = (password: string): string =>
  createHmac('sha256', 'ecomweb shop password').update(normalise(password)).digest('base64')

/** Runs at most `atOnce` tasks, the others in the order in which they came. */
function turns(atOnce: number, most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= atOnce) {
      if (waiting.length >= most) throw new HttpError(503, 'too many sign in at this moment: try again', 2)
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await task()
    } finally {
      // The place goes to the next one directly, so nobody can slip in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
