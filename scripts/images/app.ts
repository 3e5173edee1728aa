import type { Progress } from '../output/progress.ts'
import type { Runner } from '../run.ts'
import { buildCommand } from './commands.ts'
import { localId } from './ensure.ts'
import { runBuild } from './log.ts'
import { caBundle, npmSettings, passedVariables } from './secrets.ts'

type Options = { runner: Runner; progress: Progress; tag: string; context: string }

/** What `./ecomweb up` and a deploy without an image build. */
export const LOCAL_IMAGE = 'ecomweb/app:local'

/** Builds the application image from a working tree; the host's CA bundle and npm settings never enter it. */
export async function buildApp({
  runner,
  progress,
  tag,
  context,
}: Options): Promise<{ tag: string; id: string }> {
  const command = buildCommand({
    tag,
    dockerfile: `${context}/images/app/Dockerfile`,
    context,
    passed: passedVariables(process.env),
    secrets: [...caBundle(process.env), ...npmSettings(process.env)],
  })
  await progress.step(`build ${tag}`, (detail) => runBuild(runner, command, detail))
  return { tag, id: (await localId(runner, tag)) ?? '' }
}
