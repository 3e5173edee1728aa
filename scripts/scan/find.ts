import { RULES, type Rule } from './rules.ts'

/** A secret in a text; `line` counts from 1. */
export type Found = { rule: string; title: string; line: number; secret: string }

/** A value that must appear nowhere, with the name under which it is known. */
export type KnownValue = { name: string; value: string }

/** Every match of a rule, and every known value, in the given line of a text. */
export function findInLine(
  text: string,
  line: number,
  known: KnownValue[] = [],
  rules: Rule[] = RULES,
): Found[] {
  const found: Found[] = []
  for (const { name, value } of known) {
    if (text.includes(value))
      found.push({ rule: 'env-value', title: `the value of ${name}`, line, secret: value })
  }
  for (const { id, title, pattern, plausible } of rules) {
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.secret ?? match[0]
      if (!plausible || plausible(secret)) found.push({ rule: id, title, line, secret })
    }
  }
  return found
}

/** Every match in a text. */
export const findInText = (text: string, known: KnownValue[] = [], rules: Rule[] = RULES): Found[] =>
  text.split('\n').flatMap((line, index) => findInLine(line, index + 1, known, rules))
