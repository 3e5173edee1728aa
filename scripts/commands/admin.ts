import { openStack, type StackContext } from '../context.ts'
import { containerOf } from '../docker/containers.ts'
import { imageCommand, NOT_DECLARED } from '../docker/image-command.ts'
import { EXIT, KitError } from '../errors.ts'
import { readRunningRoutes } from '../haproxy/routes.ts'
import { askSecret } from '../output/ask-secret.ts'
import { keepSecret } from '../settings/secrets.ts'
import { apiService } from '../stack/colours.ts'
import type { CommandSpec } from './command.ts'

/** What the application answers. */
type Made = { id: string; email: string; outcome: 'created' | 'promoted'; password?: string }

export const adminCommand: CommandSpec = {
  name: 'admin',
  summary: 'make an administrator of the shop',
  operands: 'create EMAIL',
  arity: [2, 2],
  flags: {
    generate: { type: 'boolean', help: 'make a password and print it once, instead of asking for one' },
  },
  examples: [
    './ecomweb admin create you@example.com               asks for the password; a user who exists gets it too',
    './ecomweb admin create you@example.com --generate',
    './ecomweb admin create you@example.com < password    from a file; never as an argument',
  ],
  async run(context, values, [verb = '', email = '']) {
    if (verb !== 'create') {
      throw new KitError(`there is no "admin ${verb}"`, { next: './ecomweb admin --help', code: EXIT.usage })
    }
    const stack = await openStack(context)
    const container = await liveContainer(stack)
    const generate = values.generate === true
    const password = generate ? '' : await askSecret('password')
    keepSecret(password.trim())
    const made = await create(stack, container, email, { generate, password })
    const did = made.outcome === 'created' ? 'is a new administrator' : 'is an administrator now'
    stack.print(`${made.email} ${did}${made.password ? `\npassword: ${made.password}` : ''}`)
    stack.emit({ ok: true, ...made })
  },
}

/** The container that serves, which has the application's settings. Errors: it does not run. */
async function liveContainer({ env, world }: StackContext): Promise<string> {
  const { active } = await readRunningRoutes(world)
  const container = await containerOf(world.read, env.ECOMWEB_NAME, apiService(active))
  if (container?.running) return container.name
  throw new KitError(`${active}, which should serve, does not run`, { next: './ecomweb status' })
}

async function create(
  { world }: StackContext,
  container: string,
  email: string,
  { generate, password }: { generate: boolean; password: string },
): Promise<Made> {
  const args = ['create', email, '--json', ...(generate ? ['--generate'] : [])]
  const ended = await world.runner.run(imageCommand(container, 'ADMIN_COMMAND', args, password), {
    check: false,
    timeoutMs: 60_000,
  })
  if (ended.code === 0) return JSON.parse(ended.stdout) as Made
  if (ended.code === NOT_DECLARED) {
    throw new KitError('the release that serves cannot make administrators', {
      why: 'its image declares no ADMIN_COMMAND',
      next: 'deploy one whose Dockerfile says ENV ADMIN_COMMAND=…, then the same command',
    })
  }
  throw new KitError(`${email} was not made an administrator`, {
    why: ended.stderr.trim().replace(/^admin: /, ''),
    next: ended.code === EXIT.usage ? 'the same command with what is asked for' : './ecomweb status',
  })
}
