const known = new Set<string>()

/** Names whose values are secrets wherever they appear. */
export const isSecretName = (name: string): boolean => /PASSWORD|SECRET|TOKEN|_KEY$|_DSN$|^NOTIFY_/.test(name)

/** Remembers values that must never be printed; short ones would redact ordinary words. */
export function keepSecret(...values: (string | undefined)[]): void {
  for (const value of values) if (value && value.length >= 8) known.add(value)
}

/** The text with every remembered secret, and every password inside a URL, replaced. */
export function redact(text: string): string {
  let clean = text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, '$1[REDACTED]@')
  for (const value of known) clean = clean.replaceAll(value, '[REDACTED]')
  return clean
}

/** A value as JSON, secrets replaced string by string: across the whole text a match could swallow its syntax. */
export const redactedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === 'string' ? redact(part) : part))
