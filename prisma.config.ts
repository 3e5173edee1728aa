import { defineConfig } from 'prisma/config'

/**
 * Prisma's command line: migrations run as the owner of the tables where its URL is given. No URL at all is
 * fine, since `prisma generate` in an image build has none.
 */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.MIGRATE_DATABASE_URL || process.env.DATABASE_URL || '' },
})
