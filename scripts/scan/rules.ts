/** A kind of secret. The group `secret` of the pattern is what must not be known; without one it is the whole match. */
export type Rule = {
  id: string
  title: string
  /** Global, and for one line at a time. */
  pattern: RegExp
  /** Whether a match is likely to be real; without it every match is. */
  plausible?: (secret: string) => boolean
}

/** Bits per character, by how often each occurs: words have 2 to 3.3, random base64 of 30 characters about 4.5. */
export function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** Looks drawn at random: digits between letters, and not many characters twice. */
const isRandom = (secret: string): boolean =>
  /\d/.test(secret) &&
  /[a-z]/i.test(secret) &&
  /\d\D+\d|[a-z]\d+[a-z]/i.test(secret) &&
  entropy(secret) >= 3.5

/** What stands for a password in examples and templates. */
const PLACEHOLDER =
  /[$<>{}[\]*…%]|^(?:\.{3}|x+|y+|user(?:name)?|pass(?:word|wd)?|pw|secret|changeme|example)$/i

const prefixed = (id: string, title: string, source: string): Rule => ({
  id,
  title,
  pattern: new RegExp(`(?<![A-Za-z0-9_-])(?:${source})(?![A-Za-z0-9_-])`, 'g'),
})

/** What is looked for, in history, in the working tree and in what browsers are given. */
export const RULES: Rule[] = [
  { id: 'private-key', title: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/g },
  prefixed('aws', 'AWS access key', '(?:AKIA|ASIA)[A-Z2-7]{16}'),
  prefixed('github', 'GitHub token', 'gh[opsur]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}'),
  prefixed('gitlab', 'GitLab token', 'gl(?:pat|dt|rt|cbt|ptt)-[A-Za-z0-9_-]{20,}'),
  prefixed('npm', 'npm token', 'npm_[A-Za-z0-9]{36}'),
  prefixed('slack', 'Slack token', 'xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{20,}'),
  {
    id: 'webhook',
    title: 'address of a webhook that lets anybody post',
    pattern:
      /https:\/\/(?:hooks\.slack\.com\/services|discord(?:app)?\.com\/api\/webhooks)\/(?<secret>[\w-]+\/[\w/-]{20,})/g,
  },
  prefixed('stripe', 'Stripe key', '(?:sk|rk)_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}'),
  prefixed('paypal', 'PayPal access token', 'access_token\\$production\\$[a-z0-9]{16}\\$[a-f0-9]{32}'),
  prefixed('shopify', 'Shopify token', 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}'),
  prefixed('meta', 'Meta access token', 'EAA[A-Za-z0-9]{80,}'),
  prefixed('google', 'Google API key', 'AIza[A-Za-z0-9_-]{35}'),
  prefixed(
    'google-oauth',
    'Google OAuth secret or refresh token',
    'GOCSPX-[A-Za-z0-9_-]{28}|1//0[A-Za-z0-9_-]{40,}',
  ),
  prefixed(
    'ai',
    'key of a language model service',
    'sk-(?:ant-|proj-|or-)[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{48}',
  ),
  prefixed('mail', 'key of a mail service', 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}|key-[a-f0-9]{32}'),
  prefixed('digitalocean', 'DigitalOcean token', 'do[opr]_v1_[a-f0-9]{64}'),
  prefixed('docker', 'Docker Hub token', 'dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}'),
  {
    id: 'jwt',
    title: 'JSON Web Token',
    pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/g,
  },
  {
    id: 'url-password',
    title: 'URL with a password',
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@'"`<>]*:(?<secret>[^\s:/?#@'"`]{3,})@[\w.[-]/gi,
    plausible: (secret) => !PLACEHOLDER.test(secret),
  },
  {
    id: 'bearer',
    title: 'token in an Authorization header',
    pattern: /\b(?:Bearer|Basic)\s+(?<secret>[A-Za-z0-9._~+/=-]{20,})/g,
    plausible: isRandom,
  },
  {
    id: 'assignment',
    title: 'random value given to something with the name of a secret',
    pattern:
      /(?:passw(?:or)?d|passphrase|secret|token|(?:api|access|private|signing|encryption)[_-]?key|credential)s?["'\]]?\s*(?::=|=>|[:=])\s*(?:(?<quote>["'`])(?=[^"'`]*\k<quote>)|(?=\S+\s*$))(?<secret>[\w+/=~!@#%^&*-]{16,})/gi,
    plausible: isRandom,
  },
]
