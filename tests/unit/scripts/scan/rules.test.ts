import { describe, expect, it } from 'vitest'
import { findInText } from '../../../../scripts/scan/find.ts'
import { entropy, RULES } from '../../../../scripts/scan/rules.ts'

const ALPHABET = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG'
/** So many characters that look drawn at random. Put together here: whole secrets in a test would be found in it. */
const random = (length: number) => ALPHABET.repeat(10).slice(0, length)
const hex = (length: number) => '3f9a0c7e5b1d8264'.repeat(10).slice(0, length)
const upper = (length: number) => 'Q7XW2ZKJ5HTG3FNM'.repeat(3).slice(0, length)

/** Of each rule: what it has to find, and what looks like it and is none. */
const CASES: Record<string, { found: string[]; not: string[] }> = {
  'private-key': {
    found: ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '].map(
      (kind) => `-----${'BEGIN'} ${kind}PRIVATE KEY-----`,
    ),
    not: ['-----BEGIN PUBLIC KEY-----', '-----BEGIN CERTIFICATE-----', 'the PRIVATE KEY'],
  },
  aws: {
    found: [`AKIA${upper(16)}`, `id = "ASIA${upper(16)}"`],
    not: [`AKIA${upper(15)}`, `XAKIA${upper(16)}`],
  },
  github: {
    found: [`ghp_${random(36)}`, `ghs_${random(40)}`, `github_pat_${random(82)}`],
    not: ['ghp_short', `ghx_${random(36)}`, `xghp_${random(36)}`],
  },
  gitlab: { found: [`glpat-${random(20)}`], not: ['glpat-short', `glxyz-${random(20)}`] },
  npm: {
    found: [`//registry/:_authToken npm_${random(36)}`],
    not: [`npm_${random(30)}`, 'npm_config_cache'],
  },
  slack: { found: [`xoxb-${random(24)}`], not: ['xoxb-1', `xoxz-${random(24)}`] },
  webhook: {
    found: [`https://hooks.slack.com/services/T000/B000/${random(24)}`],
    not: ['https://hooks.slack.com/services/…', `https://hooks.example.com/services/T000/B000/${random(24)}`],
  },
  stripe: {
    found: [`sk_live_${random(24)}`, `whsec_${random(32)}`],
    not: [`sk_test_${random(24)}`, 'sk_live_'],
  },
  paypal: {
    found: [`access_token$production$${hex(16)}$${hex(32)}`],
    not: [`access_token$sandbox$${hex(16)}$${hex(32)}`],
  },
  shopify: { found: [`shpat_${hex(32)}`], not: [`shpat_${hex(20)}`, `shpxx_${hex(32)}`] },
  meta: { found: [`EAA${random(100)}`], not: [`EAA${random(20)}`] },
  google: { found: [`AIza${random(35)}`], not: [`AIza${random(20)}`] },
  'google-oauth': { found: [`GOCSPX-${random(28)}`, `1//0${random(60)}`], not: ['GOCSPX-short', '1//0'] },
  ai: {
    found: [`sk-ant-${random(40)}`, `sk-proj-${random(40)}`, `sk-${random(48)}`],
    not: ['sk-ant-', 'risk-analysis'],
  },
  mail: { found: [`SG.${random(22)}.${random(43)}`, `key-${hex(32)}`], not: ['SG.a.b', 'key-value'] },
  digitalocean: { found: [`dop_v1_${hex(64)}`], not: [`dop_v1_${hex(10)}`] },
  docker: { found: [`dckr_pat_${random(27)}`], not: ['dckr_pat_x'] },
  jwt: {
    found: [`eyJ${random(20)}.eyJ${random(30)}.${random(43)}`],
    not: [`eyJ${random(20)}.abc.${random(43)}`, 'eyJ'],
  },
  'url-password': {
    found: [`postgresql://shop:${'hunter'}3x@db:5432/shop`, `redis://:${'quite'}-weak@cache`],
    not: [
      'https://shop.example.com:8443/a@b',
      'postgresql://user:password@host/db',
      'postgresql://shop:$' + '{PASSWORD}@host',
      'http://localhost:3001',
      'redis://:<password>@cache',
      'git@github.com:a/b.git',
    ],
  },
  bearer: {
    found: [`Authorization: Bearer ${random(32)}`],
    not: ['Bearer <token>', 'Basic understanding-of-the-matter'],
  },
  assignment: {
    found: [
      `JWT_SECRET=${random(32)}`,
      `const password = '${random(20)}'`,
      `"apiKey": "${hex(32)}"`,
      `  access_token: ${random(24)}`,
      `secret := \`${random(24)}\``,
    ],
    not: [
      'token = process.env.ACCESS_TOKEN_MINUTES',
      'password: ecomweb-development-only',
      `const tokens = await refreshTokens(user1, user2)`,
      'JWT_SECRET=',
      `checksum = '${hex(40)}'`,
      `const secret = await deriveFrom(input2, salt4)`,
      'POSTGRES_PASSWORD: $' + '{OWNER_DB_PASSWORD:-x1y2z3}',
    ],
  },
}

const rulesOf = (text: string) => findInText(text).map(({ rule }) => rule)

describe('every rule', () => {
  it('has cases', () => {
    expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ id }) => id).sort())
  })

  it.each(Object.entries(CASES))('%s finds what it should and nothing else', (id, { found, not }) => {
    for (const text of found) expect(rulesOf(text), text.slice(0, 20)).toContain(id)
    for (const text of not) expect(rulesOf(text), text).not.toContain(id)
  })
})

describe('a match', () => {
  it('tells its line and the secret alone', () => {
    const url = `first\nDATABASE_URL=postgresql://a:${'hunter'}3x@db/shop`
    expect(findInText(url)).toEqual([
      { rule: 'url-password', title: 'URL with a password', line: 2, secret: 'hunter3x' },
    ])
  })

  it('is every one of a line', () => {
    expect(rulesOf(`ghp_${random(36)} ghp_${random(36)}`)).toEqual(['github', 'github'])
  })

  it('is also a known value, wherever it is', () => {
    const known = [{ name: 'JWT_SECRET', value: 'plain words that nobody guesses' }]
    expect(findInText('x("plain words that nobody guesses")', known)).toMatchObject([
      { rule: 'env-value', title: 'the value of JWT_SECRET' },
    ])
    expect(findInText('plain words', known)).toEqual([])
  })
})

describe('entropy', () => {
  it('tells words from what was drawn at random', () => {
    expect(entropy('aaaaaaaa')).toBe(0)
    expect(entropy('password-password')).toBeLessThan(3.2)
    expect(entropy(random(32))).toBeGreaterThan(4.5)
  })
})
