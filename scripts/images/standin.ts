import { mkdtemp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Mirror } from '../host/apt.ts'
import { installPackages } from '../host/packages.ts'
import type { Progress } from '../output/progress.ts'
import type { Runner } from '../run.ts'
import { bootstrapCommand, buildCommand, importCommand, packCommand } from './commands.ts'
import { runBuild } from './log.ts'
import { caBundle, passedVariables } from './secrets.ts'
import { STANDIN_LABEL, type StandIn } from './table.ts'

type Recipe = StandIn['recipe']
type Site = { runner: Runner; mirror: Mirror; detail: (text: string) => void }

const FOLDER = fileURLToPath(new URL('../../images/standin', import.meta.url))

/** Builds the stand-in of an image from package registries, under the image's own reference. */
export async function buildStandIn(
  { runner, progress, mirror }: { runner: Runner; progress: Progress; mirror: Mirror },
  reference: string,
  { recipe }: StandIn,
): Promise<void> {
  await progress.step(`build a stand-in for ${reference}`, (detail) => {
    const site = { runner, mirror, detail }
    return recipe.kind === 'debian'
      ? bootstrap(site, reference, recipe.suite)
      : build(site, reference, recipe)
  })
}

async function bootstrap({ runner, mirror, detail }: Site, reference: string, suite: string): Promise<void> {
  const present = await runner.run({ file: 'mmdebstrap', args: ['--version'] }, { check: false })
  if (present.code !== 0) {
    detail('installing mmdebstrap')
    await installPackages(runner, ['mmdebstrap', 'arch-test'], detail)
  }
  await inFolder(async (folder) => {
    const tar = `${folder}/root.tar`
    await runBuild(runner, bootstrapCommand(suite, tar, mirror), detail)
    await runner.run(importCommand(tar, reference))
  })
}

async function build(
  { runner, mirror, detail }: Site,
  reference: string,
  recipe: Extract<Recipe, { kind: 'build' }>,
): Promise<void> {
  await inFolder(async (folder) => {
    if (recipe.packages) {
      detail(`fetching ${recipe.packages.join(' and ')}`)
      await runner.run(packCommand(recipe.packages, folder))
    }
    const source = `${FOLDER}/${recipe.folder}`
    const command = buildCommand({
      tag: reference,
      dockerfile: `${source}/Dockerfile`,
      context: recipe.packages ? folder : source,
      target: recipe.target,
      labels: [STANDIN_LABEL],
      args: { ...recipe.args, MIRROR: mirror.uri },
      passed: passedVariables(process.env, ['GOPROXY', 'GOSUMDB', 'GONOSUMDB']),
      secrets: caBundle(process.env),
    })
    await runBuild(runner, command, detail)
  })
}

/** A folder for the time of the work; not in /tmp, which may be memory. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp('/var/tmp/ecomweb-')
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
