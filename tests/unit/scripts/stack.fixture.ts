import type { Context } from '../../../scripts/context.ts'
import type { Command, Result } from '../../../scripts/run.ts'

const files: Record<string, string> = { '.env': '', '.env.api': 'DATABASE_URL=x\n', 'docker-compose.yml': '' }

const raw = (service: string, running: boolean) => ({
  ...{ Name: `/${service}`, Image: 'sha256:1', RestartCount: 0 },
  Config: { Image: 'x', Labels: { 'com.docker.compose.service': service } },
  State: {
    ...{ Status: 'running', Running: running, Restarting: false, StartedAt: '2026-01-01T00:00:00Z' },
    ...{ ExitCode: 0, OOMKilled: false },
  },
  NetworkSettings: { Networks: {} },
})

/** A stack with one container, whose green serves and in which every command answers so; and what is done to it. */
export function stackOf(service: string, answer: Partial<Result>, { running = true } = {}) {
  const acted: Command[] = []
  const printed: string[] = []
  const emitted: unknown[] = []
  const ended = (result: Partial<Result>): Result => ({ code: 0, stdout: '', stderr: '', ...result })
  const context = {
    world: {
      disk: { read: async (path: string) => files[path] },
      edge: { ask: async () => '0x1 active green\n0x2 weight 0\n' },
      read: {
        run: async ({ args }: Command) =>
          ended({ stdout: args[0] === 'ps' ? '1\n' : JSON.stringify([raw(service, running)]) }),
      },
      runner: {
        run: async (command: Command) => {
          acted.push(command)
          return ended(answer)
        },
      },
    },
    print: (text: string) => printed.push(text),
    emit: (value: unknown) => emitted.push(value),
  } as unknown as Context
  return { context, acted, printed, emitted }
}
