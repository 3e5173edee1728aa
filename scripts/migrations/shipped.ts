import { createHash } from 'node:crypto'

/** A migration as a release carries it. `checksum` is the SHA-256 of the file's bytes in hex, as Prisma keeps it. */
export type ShippedMigration = { name: string; sql: string; checksum: string; contract: boolean }

/** Such a file removes what the previous release still uses, so it is applied later and by hand. */
const CONTRACT_MARK = /^\s*--[ \t]*ecomweb:[ \t]*contract\b/

/** Describes a file `NAME/migration.sql` by its bytes. */
export function shippedMigration(name: string, bytes: Buffer): ShippedMigration {
  const sql = bytes.toString('utf8')
  const checksum = createHash('sha256').update(bytes).digest('hex')
  return { name, sql, checksum, contract: CONTRACT_MARK.test(sql) }
}

/** In the order in which Prisma applies them. */
export const inOrder = (migrations: ShippedMigration[]): ShippedMigration[] =>
  migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1))
