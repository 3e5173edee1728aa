import { createHash, randomBytes, webcrypto } from 'node:crypto'
import type { Database, Transaction } from '../../core/database.ts'

/** A secret that signs access tokens; `id` goes into the header of each token as its `kid`. */
export type Key = { id: string; key: webcrypto.CryptoKey }

export type KeyRing = {
  /** The key that signs. */
  signing(): Promise<Key>
  /** The key of a token, if tokens signed by it are accepted. */
  find(id: string): Promise<webcrypto.CryptoKey | undefined>
}

export type StoredKey = { id: string; secret: string; retiredAt: Date | null }

/** Keys from the environment: the first signs, all are accepted. */
export function fixedKeys(secrets: string[]): KeyRing {
  const keys = Promise.all(secrets.map((secret) => imported({ id: keyId(secret), secret })))
  return {
    signing: async () => (await keys)[0] as Key,
    find: async (id) => (await keys).find((key) => key.id === id)?.key,
  }
}

/** How long a key that was retired elsewhere may still be taken for good here. */
const FRESH_MS = 60_000
/** A token of a key that nobody knows makes the database be asked at most this often. */
const LEAST_PAUSE_MS = 1000

/**
 * Keys from the database, kept in memory. They are read again when they are a minute old, and when a token names one
 * that is not known, since another process or the other colour may have made it.
 */
export function storedKeys(read: () => Promise<StoredKey[]>, now: () => number = Date.now): KeyRing {
  let keys: (Key & { retiredAt: number })[] = []
  let askedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  async function load(): Promise<void> {
    askedAt = now()
    const rows = await read()
    keys = await Promise.all(
      rows.map(async (row) => ({
        ...(await imported(row)),
        retiredAt: row.retiredAt?.getTime() ?? Number.POSITIVE_INFINITY,
      })),
    )
  }

  /** Reads again unless that was done less than `age` ms ago. Without the database what is known goes on to count. */
  async function readAgain(age: number): Promise<void> {
    if (!reading && now() - askedAt < age) return
    reading ??= load().finally(() => {
      reading = undefined
    })
    await reading.catch((error) => {
      if (keys.length === 0) throw error
    })
  }

  /** Nobody waits for the database who could do with what is known. */
  async function freshen(): Promise<void> {
    if (keys.length === 0) await readAgain(0)
    else void readAgain(FRESH_MS)
  }

  const known = (id: string) => keys.find((key) => key.id === id && key.retiredAt > now())?.key
  return {
    async signing() {
      await freshen()
      return keys[0] as Key
    },
    async find(id) {
      await freshen()
      if (!known(id)) await readAgain(LEAST_PAUSE_MS)
      return known(id)
    },
  }
}

/** PostgreSQL's advisory lock of those who make a key. */
const LOCK = 7_266_011

/**
 * Reads the keys of a shop, newest first, and makes one where none signs. The lock keeps processes and colours that
 * start together from making two. To replace a key: `UPDATE signing_keys SET retired_at = now()`; within a minute
 * every process signs with a new one and whoever is signed in fetches a new access token. With a later time in
 * `retired_at` the tokens that are out are accepted until then.
 */
export const signingKeys = (database: Database) => async (): Promise<StoredKey[]> => {
  const keys = await usable(database)
  if (signs(keys)) return keys
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK}::bigint)`
    const others = await usable(transaction)
    if (signs(others)) return others
    const secret = randomBytes(48).toString('base64url')
    return [await transaction.signingKey.create({ data: { id: keyId(secret), secret } }), ...others]
  })
}

const usable = (database: Database | Transaction): Promise<StoredKey[]> =>
  database.signingKey.findMany({
    where: { OR: [{ retiredAt: null }, { retiredAt: { gt: new Date() } }] },
    // Those without a time of retirement first: they sign.
    orderBy: [{ retiredAt: { sort: 'desc', nulls: 'first' } }, { createdAt: 'desc' }],
  })

const signs = ([newest]: StoredKey[]): boolean => newest !== undefined && newest.retiredAt === null

/** The same secret has the same id everywhere, and the id tells nothing of a secret that cannot be guessed. */
const keyId = (secret: string): string =>
  createHash('sha256').update(`kid ${secret}`).digest('base64url').slice(0, 12)

async function imported({ id, secret }: { id: string; secret: string }): Promise<Key> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const bytes = new TextEncoder().encode(secret)
  return { id, key: await webcrypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']) }
}
