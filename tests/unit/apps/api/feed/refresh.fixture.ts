import type { FeedRefresh, RefreshState } from '../../../../../apps/api/feed/ports.ts'

/** A refresh that does what a test says. */
export class FakeRefresh implements FeedRefresh {
  now: RefreshState | 'unknown' = { running: null, last: null }
  failure: Error | undefined
  triggered = 0
  onTrigger = () => {}

  async trigger(): Promise<'triggered' | 'already in progress'> {
    if (this.failure) throw this.failure
    if (this.now !== 'unknown' && this.now.running) return 'already in progress'
    this.triggered++
    this.onTrigger()
    return 'triggered'
  }

  async cancel(): Promise<boolean> {
    return this.now !== 'unknown' && this.now.running !== null
  }

  async state(): Promise<RefreshState | 'unknown'> {
    return this.now
  }

  /** A refresh goes on. */
  run(id: string): void {
    const running = { id, phase: 'exporting', rows: 10, rowsExpected: 20, startedAt: new Date(0) }
    this.now = { running, last: this.now === 'unknown' ? null : this.now.last }
  }

  /** It has ended. */
  end(
    id: string,
    status: 'finished' | 'failed' | 'cancelled' = 'finished',
    failure: string | null = null,
  ): void {
    this.now = { running: null, last: { id, status, failure, finishedAt: new Date(1000) } }
  }
}
