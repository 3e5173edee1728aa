import { execIn } from '../../scripts/docker/containers.ts'
import type { Runner } from '../../scripts/run.ts'
import type { CleanUp } from '../program.ts'

const DIR = '/data/feed'

/**
 * Puts the version of a folder into the volume of a running API container and makes it the current one there. Answers
 * what brings back the one before.
 */
export async function installVersion(
  runner: Runner,
  container: string,
  { folder, id }: { folder: string; id: string },
): Promise<CleanUp> {
  const inside = (script: string) => execIn(container, ['sh', '-c', script])
  const { stdout } = await runner.run(inside(`cat ${DIR}/current 2> /dev/null || true`))
  const before = stdout.trim()
  // As the user of the container, to whom its volume belongs.
  const copy = `tar -C "$1" -c "versions/$2" | docker exec -i "$3" tar -C ${DIR} -x --no-same-owner`
  await runner.run({ file: 'sh', args: ['-c', copy, 'sh', folder, id, container] }, { timeoutMs: 120_000 })
  const point = (to: string) => `cd ${DIR} && echo ${to} > current.bench && mv current.bench current`
  await runner.run(inside(point(id)))
  const undo = `${before ? point(before) : `rm -f ${DIR}/current`}; rm -rf ${DIR}/versions/${id}`
  return (afterwards) => afterwards.run(inside(undo))
}
