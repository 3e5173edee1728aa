import { createHash } from 'node:crypto'
import type { AppliedMigration } from '../../scripts/ports.ts'
import { migrationSql, type SimulatedImage } from './images.ts'

/** PostgreSQL as far as a deploy sees it: Prisma's table of migrations, and the lock of the one who migrates. */
export class SimulatedDatabase {
  readonly rows: AppliedMigration[] = []
  /** The container that migrates now. */
  lockedBy: unknown

  has(migration: string): boolean {
    return this.rows.some((row) => row.name === migration && row.finished && !row.rolledBack)
  }

  lacks(image: SimulatedImage): string[] {
    return image.migrations.filter((name) => !this.has(name))
  }

  /** A migration of an image that failed in a way that only a person can judge; the image does not go on after it. */
  blocked(image: SimulatedImage): AppliedMigration | undefined {
    return this.rows.find(
      ({ name, finished, rolledBack }) => !finished && !rolledBack && image.migrations.includes(name),
    )
  }

  /** Whatever release it is from: Prisma applies nothing more until somebody says what became of it. */
  stuck(): AppliedMigration | undefined {
    return this.rows.find(({ finished, rolledBack }) => !finished && !rolledBack)
  }

  begin(name: string): AppliedMigration {
    const checksum = createHash('sha256').update(migrationSql(name)).digest('hex')
    const row = { name, checksum, finished: false, rolledBack: false }
    this.rows.push(row)
    return row
  }

  /** What `./ecomweb migrate resolve` does for a person who looked. */
  resolve(): void {
    for (const row of this.rows) row.rolledBack ||= !row.finished
  }
}
