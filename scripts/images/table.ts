/** A minimal Debian, unpacked from the host's mirror. */
type Debian = { kind: 'debian'; suite: string }

/** A Dockerfile below images/standin. */
type Build = {
  kind: 'build'
  folder: string
  target?: string
  /** Build arguments; the host's Debian mirror is added as MIRROR. */
  args?: Record<string, string>
  /** npm packages that become the build context in place of the folder. */
  packages?: string[]
  /** The image that takes its place when it cannot be built: the suite may not carry this version. */
  fallback?: string
}

/** How to make an image that could not be pulled, from package registries alone, under the same contract. */
export type StandIn = { needs: string[]; recipe: Debian | Build }

const BOOKWORM = 'debian:bookworm-slim'
const TRIXIE = 'debian:trixie-slim'
const TEMPORAL_VERSION = '1.31.2'

/** The versions of Node and npm that the host's toolchain and the stand-in image share. */
export const NODE_PACKAGES = [`node-linux-${process.arch}@24.21.0`, 'npm@11.19.1']

/** Marks every image built here, so that nobody takes one for the original. */
export const STANDIN_LABEL = 'ecomweb.standin=true'

const build = (folder: string, options: Omit<Build, 'kind' | 'folder'> = {}): Build => ({
  kind: 'build',
  folder,
  ...options,
})

const temporal = (target: string): StandIn => ({
  needs: [TRIXIE, BOOKWORM],
  recipe: build('temporal', { target, args: { TEMPORAL_VERSION } }),
})

const haproxy = (VERSION: string, SUITE: string, fallback?: string): StandIn => ({
  needs: [TRIXIE],
  recipe: build('haproxy', { args: { VERSION, SUITE }, ...(fallback ? { fallback } : {}) }),
})

export const STANDINS: Readonly<Record<string, StandIn>> = {
  [BOOKWORM]: { needs: [], recipe: { kind: 'debian', suite: 'bookworm' } },
  [TRIXIE]: { needs: [], recipe: { kind: 'debian', suite: 'trixie' } },
  'node:24-bookworm-slim': { needs: [BOOKWORM], recipe: build('node', { packages: NODE_PACKAGES }) },
  'nginx:1': { needs: [TRIXIE], recipe: build('nginx') },
  'redis:8': { needs: [TRIXIE], recipe: build('redis') },
  'postgres:17': { needs: [TRIXIE], recipe: build('postgres') },
  'mariadb:11': { needs: [TRIXIE], recipe: build('mariadb') },
  'phpmyadmin:5': { needs: [BOOKWORM], recipe: build('phpmyadmin') },
  // Not a name that somebody else could publish under: only tests need it.
  'localhost/ecomweb/smtp:7': { needs: [TRIXIE], recipe: build('smtp') },
  'haproxy:3.2': haproxy('3.2', 'sid', 'haproxy:3.0'),
  'haproxy:3.0': haproxy('3.0', 'trixie'),
  [`temporalio/server:${TEMPORAL_VERSION}`]: temporal('server'),
  [`temporalio/admin-tools:${TEMPORAL_VERSION}`]: temporal('admin-tools'),
}
