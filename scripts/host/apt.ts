/** One entry of apt's sources: what `deb URI SUITE COMPONENT…` or a deb822 stanza says. */
export type AptSource = { uris: string[]; suites: string[]; components: string[]; signedBy?: string }

/** A Debian mirror to fetch packages from, and the keyring that vouches for it. */
export type Mirror = { uri: string; signedBy: string }

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

const DEBIAN_SUITES = new Set(
  'bookworm trixie forky duke sid unstable testing stable oldstable oldoldstable bullseye'.split(' '),
)

/** Reads one-line sources (`*.list`); disabled and source-package lines are left out. */
export function parseListSources(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line)
    if (!match) return []
    const [, options = '', uri = '', suite = '', components = ''] = match
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1]
    return [{ uris: [uri], suites: [suite], components: words(components), ...keyring(signedBy) }]
  })
}

/** Reads deb822 sources (`*.sources`): stanzas of `Field: value` with continuation lines. */
export function parseDeb822Sources(text: string): AptSource[] {
  const plain = text.split('\n').filter((line) => !line.startsWith('#'))
  return plain
    .join('\n')
    .split(/\n[ \t]*\n/)
    .flatMap((stanza) => {
      const field = fields(stanza)
      const types = words(field('types'))
      if (!types.includes('deb') || /^(no|false|0)$/i.test(field('enabled'))) return []
      return [
        {
          uris: words(field('uris')),
          suites: words(field('suites')),
          components: words(field('components')),
          ...keyring(field('signed-by')),
        },
      ]
    })
}

/** The Debian archive among a host's sources (not its security archive); undefined on other systems. */
export function debianMirror(sources: AptSource[]): Mirror | undefined {
  const archive = sources.find(
    ({ suites, components, uris }) =>
      suites.some((suite) => DEBIAN_SUITES.has(suite)) &&
      components.includes('main') &&
      uris.some((uri) => uri.includes('debian')),
  )
  const uri = archive?.uris.find((candidate) => candidate.includes('debian'))
  return uri ? { uri: uri.replace(/\/+$/, ''), signedBy: archive?.signedBy ?? KEYRING } : undefined
}

/** The first address in a mirror list: cloud images name one as `mirror+file:/etc/apt/mirrors/…`. */
export const firstMirror = (list: string): string | undefined =>
  list
    .split('\n')
    .map((line) => line.trim().split(/\s/)[0] ?? '')
    .find((word) => /^https?:/.test(word))
    ?.replace(/\/+$/, '')

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)

/** Only a path is of use to other configurations: a key block written inline is not. */
const keyring = (value: string | undefined): { signedBy?: string } =>
  value?.startsWith('/') ? { signedBy: value.split(/\s/)[0] ?? value } : {}

function fields(stanza: string): (name: string) => string {
  const values = new Map<string, string>()
  let last = ''
  for (const line of stanza.split('\n')) {
    const start = /^([\w-]+):(.*)$/.exec(line)
    if (start) last = (start[1] ?? '').toLowerCase()
    values.set(last, `${values.get(last) ?? ''} ${start ? start[2] : line}`)
  }
  return (name) => (values.get(name) ?? '').trim()
}
