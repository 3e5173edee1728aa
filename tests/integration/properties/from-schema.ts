import fc, { type Arbitrary } from 'fast-check'

/** As much of JSON Schema as the OpenAPI document uses. */
export type JsonSchema = {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
}

/** Values that a schema allows, its boundaries among them. Errors: a schema of a kind that is not known here. */
export function valuesOf(schema: JsonSchema): Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valuesOf))
  switch (schema.type) {
    case 'string':
      return textOf(schema)
    case 'integer':
      return integerOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: schema.maxItems ?? 10,
      })
    case 'object':
      return objectOf(schema)
  }
  throw new Error(`no values are known for ${JSON.stringify(schema)}`)
}

function objectOf({ properties = {}, required = [] }: JsonSchema): Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)])
  return fc.record(Object.fromEntries(fields) as Record<string, Arbitrary<unknown>>, {
    requiredKeys: required,
    noNullPrototype: true,
  })
}

function integerOf({ minimum, exclusiveMinimum, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema) {
  const least = minimum ?? (exclusiveMinimum === undefined ? Number.MIN_SAFE_INTEGER : exclusiveMinimum + 1)
  // What is small is likelier to exist, a page or a product; the ends are where things break.
  const small = fc.integer({ min: least, max: Math.min(maximum, least + 20) })
  return fc.oneof(
    { weight: 3, arbitrary: small },
    { weight: 1, arbitrary: fc.constantFrom(least, maximum) },
    { weight: 1, arbitrary: fc.integer({ min: least, max: maximum }) },
  )
}

/** Characters that text is made of somewhere: of every width in UTF-8, composed, from the right, unpaired, and special to SQL or to searches. */
const characters: string[] = [
  ...`aZ0 -_.%'"\\;:*&|!()<>$\t`,
  'é',
  'e\u0301',
  'ß',
  'İ',
  '\u202e',
  '日',
  '😀',
  '\ud800',
  '\udc00',
  '\uffff',
]

function textOf({ format, pattern, minLength = 0, maxLength = 200 }: JsonSchema): Arbitrary<string> {
  if (format === 'uuid') return fc.uuid()
  if (format === 'email') {
    const name = fc.stringMatching(/^[a-z0-9]{1,12}(\.[A-Z0-9_+-]{1,12})?$/)
    const long = `${'l'.repeat(maxLength - '@example.com'.length)}@example.com`
    return fc.oneof({ weight: 9, arbitrary: name.map((name) => `${name}@example.com`) }, fc.constant(long))
  }
  const allowed = new RegExp(pattern ?? '', 'u')
  // A pattern that only excludes something is met by chance, one that describes a form is not.
  if (pattern && !/\\p\{/.test(pattern)) return fc.stringMatching(new RegExp(plain(pattern)))
  const length = { minLength, maxLength: Math.min(maxLength, 40) }
  const text = fc.string({ unit: fc.constantFrom(...characters), ...length })
  const full = fc.constant('x'.repeat(maxLength))
  return fc.oneof({ weight: 9, arbitrary: text }, full).filter((text) => {
    return allowed.test(text) && text.length >= minLength && text.length <= maxLength
  })
}

/** A regular expression as it is without the flag u: there `\-` and `\/` need not be escaped, here nothing is lost. */
const plain = (pattern: string): string => pattern.replaceAll('\\/', '/')
