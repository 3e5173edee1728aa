import pg from 'pg'
import type { Log } from '../../core/log.ts'

/** The lock of the one worker process that watches. */
const LOCK = 7_266_010

/**
 * One process of all that use a database leads: the one whose connection holds an advisory lock, which PostgreSQL gives
 * back as soon as that connection ends, however it ends. The others hold no connection.
 */
export class Leadership {
  readonly #url: string
  readonly #log: Pick<Log, 'info'>
  #held: pg.Client | undefined

  constructor(url: string, log: Pick<Log, 'info'>) {
    this.#url = url
    this.#log = log
  }

  /** Whether this process leads now; takes the lead if nobody has it. Never rejects: who cannot ask does not lead. */
  async leads(): Promise<boolean> {
    if (this.#held) {
      const alive = await this.#held.query('SELECT 1').then(
        () => true,
        () => false,
      )
      if (alive) return true
      await this.release()
    }
    const client = new pg.Client({
      connectionString: this.#url,
      ...{ connectionTimeoutMillis: 3000, query_timeout: 5000, keepAlive: true },
    })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
        LOCK,
      ])
      if (rows[0]?.taken) {
        this.#held = client
        this.#log.info('this process watches background work')
        return true
      }
    } catch {
      // The database is away: so is the lock.
    }
    await client.end().catch(() => {})
    return false
  }

  async release(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    await held?.end().catch(() => {})
  }
}
