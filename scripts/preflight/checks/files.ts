import { check, stop, unlessSeen } from '../check.ts'

export const settingsCheck = check({
  id: 'settings',
  title: 'Settings of the kit (.env, x-ecomweb)',
  needs: ['env', 'kitSettings', 'exported'],
  look({ env, kitSettings, exported }) {
    const found = exported.map((name) =>
      stop(
        `${name} is exported in this shell and overrides .env`,
        'Compose prefers the shell: it would start something else than .env says',
        `unset ${name}`,
      ),
    )
    return unlessSeen(found, `${env.ECOMWEB_NAME}, ${Object.keys(kitSettings).length} settings`)
  },
})

export const composeCheck = check({
  id: 'compose',
  title: 'docker compose config',
  needs: ['services'],
  look: ({ services }) => `${services.length} services`,
})

export const edgeCheck = check({
  id: 'haproxy',
  title: 'haproxy -c',
  needs: ['edgeCheck'],
  look({ edgeCheck: { accepted, output } }) {
    if (accepted) return 'haproxy/haproxy.cfg is accepted'
    return [
      stop(
        'HAProxy does not accept haproxy/haproxy.cfg',
        `it serves with what it read before, but would not start again: ${firstAlert(output)}`,
        'mend haproxy/haproxy.cfg (git diff haproxy/haproxy.cfg), then ./ecomweb doctor',
      ),
    ]
  },
})

/** The first line that names the place; later ones only say that errors were found. */
const firstAlert = (output: string): string => {
  const lines = output.split('\n')
  return (lines.find((line) => /\[(ALERT|WARNING)\].*:\d+\]/.test(line)) ?? lines.at(-1) ?? '').trim()
}

export const modesCheck = check({
  id: 'modes',
  title: 'Modes of .env and .env.api',
  needs: ['modes'],
  look({ modes }) {
    const open = modes.filter(({ mode }) => (mode & 0o077) !== 0)
    return unlessSeen(
      open.map(({ file, mode }) =>
        stop(
          `${file} has mode ${octal(mode)}`,
          'it holds passwords, and other users of this host can read or change it',
          `chmod 600 ${file}`,
        ),
      ),
      modes.map(({ file, mode }) => `${file} ${octal(mode)}`).join(', '),
    )
  },
})

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

export const hooksCheck = check({
  id: 'hooks',
  title: 'Executables in hooks/',
  needs: ['hooks'],
  look: ({ hooks }) =>
    unlessSeen(
      hooks.map(({ what, why, next }) => stop(what, why, next)),
      'each would run when its turn comes',
    ),
})
