import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { productionLock, productionManifest } from '../../../../images/app/production-manifest.ts'
import { webLock, webManifest, webPackages } from '../../../../images/app/web-manifest.ts'

const require = createRequire(import.meta.url)
const config = '../../../../volumes/backend-api'

describe('what the image installs', () => {
  it('does not change with a script or a development tool', () => {
    expect(
      productionManifest({ name: 'x', scripts: {}, dependencies: { a: '1' }, devDependencies: { b: '1' } }),
    ).toEqual({
      name: 'x',
      dependencies: { a: '1' },
    })
  })

  it('is locked without packages that only development needs', () => {
    const packages = {
      '': { name: 'x', dependencies: { a: '1' }, devDependencies: { b: '1' } },
      'node_modules/a': { version: '1' },
      'node_modules/b': { version: '1', dev: true },
      'node_modules/c': { version: '1', devOptional: true },
    }
    expect(productionLock({ lockfileVersion: 3, packages })).toEqual({
      lockfileVersion: 3,
      packages: { '': { name: 'x', dependencies: { a: '1' } }, 'node_modules/a': { version: '1' } },
    })
  })

  it('for the web application is what its lock file reaches, and no other development tool', () => {
    const manifest = webManifest(JSON.parse(readFileSync('package.json', 'utf8')))
    expect(Object.keys(manifest.dependencies ?? {})).toEqual(webPackages)
    expect(manifest.scripts).toEqual({ 'build:web': expect.stringContaining('vite build') })
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
    const { packages } = webLock(lock)
    expect(packages['']?.dependencies).toEqual(manifest.dependencies)
    for (const name of ['vite', 'rolldown', '@rolldown/binding-linux-x64-gnu', 'lightningcss-linux-x64-gnu'])
      expect(packages[`node_modules/${name}`]).toMatchObject({ version: expect.any(String) })
    for (const name of ['vitest', 'playwright-core', 'typescript', 'express', '@temporalio/worker'])
      expect(packages).not.toHaveProperty([`node_modules/${name}`])
    expect(Object.values(packages).filter((entry) => entry.dev)).toEqual([])
  })

  it('for the web application takes the version that each package finds, nested ones too', () => {
    const entry = (version: string, more = {}) => ({ version, dev: true, ...more })
    const dependencies = { x: '*' }
    const devDependencies = Object.fromEntries(webPackages.map((name) => [name, '1']))
    const packages = {
      '': { name: 'shop', dependencies: { other: '1' }, devDependencies },
      ...Object.fromEntries(
        webPackages.map((name) => [`node_modules/${name}`, entry('1', { dependencies })]),
      ),
      'node_modules/x': entry('1', {
        optionalDependencies: { absent: '*' },
        peerDependencies: { react: '*' },
      }),
      'node_modules/vite/node_modules/x': entry('2', { dependencies: { y: '*' } }),
      'node_modules/y': entry('1'),
      'node_modules/other': entry('1'),
    }
    const reached = Object.keys(webLock({ packages }).packages)
    expect(reached).toEqual(expect.arrayContaining(['node_modules/vite/node_modules/x', 'node_modules/y']))
    expect(reached).not.toContain('node_modules/other')
  })

  it('names no registry', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"')
  })
})

describe('what PM2 is told', () => {
  const withEnv = <T>(env: Record<string, string>, read: () => T): T => {
    const before = { ...process.env }
    Object.assign(process.env, env)
    for (const file of ['ecosystem.api.config', 'ecosystem.cron.config', 'ecosystem.worker.config'])
      delete require.cache[require.resolve(`${config}/${file}.js`)]
    try {
      return read()
    } finally {
      process.env = before
    }
  }
  const app = (role: string, env: Record<string, string> = {}) =>
    withEnv(
      { MEMORY_LIMIT_MB: '512', ...env },
      () => require(`${config}/ecosystem.${role}.config.js`).apps[0],
    )

  it('runs the API as a cluster of WEB_CONCURRENCY processes', () => {
    expect(app('api', { WEB_CONCURRENCY: '3', API_ENTRY: 'apps/api/server.js' })).toMatchObject({
      exec_mode: 'cluster',
      instances: 3,
      script: 'apps/api/server.js',
    })
  })

  it('runs a reports backend beside it, as one process, only where the image names one', () => {
    const load = (env: Record<string, string>) =>
      withEnv({ MEMORY_LIMIT_MB: '1024', WEB_CONCURRENCY: '2', ...env }, () =>
        require(`${config}/ecosystem.api.config.js`),
      ).apps
    const [alone, ...none] = load({})
    const [api, reports] = load({ REPORTS_ENTRY: 'apps/reports/server.js' })
    expect(none).toEqual([])
    expect(reports).toMatchObject({
      ...{ name: 'reports', script: 'apps/reports/server.js', exec_mode: 'fork', instances: 1 },
      env: { DATABASE_POOL: '2' },
      exp_backoff_restart_delay: 200,
    })
    // (1024 - 64) x 0.6 for two processes, and for three
    expect(alone.node_args).toContain('--max-old-space-size=288')
    for (const { node_args } of [api, reports]) expect(node_args).toContain('--max-old-space-size=192')
  })

  it('runs one cron and two workers, each as a process of its own', () => {
    expect(app('cron')).toMatchObject({ exec_mode: 'fork', instances: 1 })
    expect(app('worker')).toMatchObject({ exec_mode: 'fork', instances: 2 })
    expect(app('worker', { WORKER_CONCURRENCY: '4' })).toMatchObject({ instances: 4 })
  })

  it('keeps all heaps together below the memory limit', () => {
    const heap = (role: string, env: Record<string, string>) =>
      Number(/old-space-size=(\d+)/.exec(app(role, env).node_args.join(' '))?.[1])
    expect(heap('cron', { MEMORY_LIMIT_MB: '256' })).toBeLessThan(150)
    expect(2 * heap('worker', { MEMORY_LIMIT_MB: '512' })).toBeLessThan(300)
    expect(heap('api', { MEMORY_LIMIT_MB: '128', WEB_CONCURRENCY: '8' })).toBe(64)
  })
})
