/** A column of the source: its name, and MariaDB's DATA_TYPE in lower case, such as `varchar`. */
export type Column = { name: string; type: string }

/** A value's text as the source exports it, turned into JSON; undefined when the text is not of the type. */
type Convert = (text: string) => string | undefined

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year', 'bit']
const FLOATS = ['float', 'double']
const BINARY = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']
const SHAPES = [
  ...['geometry', 'point', 'linestring', 'polygon'],
  ...['multipoint', 'multilinestring', 'multipolygon', 'geometrycollection', 'geomcollection'],
]

/** A name as SQL. */
export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/**
 * What is selected for a column. Bytes that are no text travel as base64 and bits as a number. A TIMESTAMP is an
 * instant that MariaDB prints in the session's time zone: its seconds since 1970 do not depend on that.
 */
export function selectOf({ name, type }: Column): string {
  const column = quoteName(name)
  const expression = BINARY.includes(type)
    ? `REPLACE(TO_BASE64(${column}), CHAR(10), '')`
    : SHAPES.includes(type)
      ? `ST_AsText(${column})`
      : type === 'bit'
        ? `${column} + 0`
        : type === 'timestamp'
          ? `UNIX_TIMESTAMP(${column})`
          : undefined
  return expression ? `${expression} AS ${column}` : column
}

/**
 * How the values of a column become JSON. Integers are numbers as long as JavaScript holds them exactly, strings
 * beyond. DECIMAL is a string: a number would be read as a binary fraction and lose cents. FLOAT and DOUBLE are
 * binary fractions already, so numbers. DATETIME has no time zone and gets none (2026-11-22T13:00:00), TIMESTAMP
 * is in UTC (2026-11-22T13:00:00Z). Everything else is the string that MariaDB prints.
 */
export function converterOf(type: string): Convert {
  if (INTEGERS.includes(type)) return integer
  if (FLOATS.includes(type)) return float
  if (type === 'datetime') return (text) => JSON.stringify(text.replace(' ', 'T'))
  if (type === 'timestamp') return instant
  return JSON.stringify
}

function integer(text: string): string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? String(value) : JSON.stringify(text)
}

function float(text: string): string | undefined {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? String(value) : undefined
}

/** Seconds since 1970, with as many digits behind the point as the column keeps. */
function instant(text: string): string | undefined {
  const [, seconds, fraction = ''] = /^(\d{1,12})(\.\d{1,6})?$/.exec(text) ?? []
  if (seconds === undefined) return undefined
  // No TIMESTAMP is the second 0: MariaDB answers it for its zero date.
  const zero = Number(seconds) === 0 && Number(fraction) === 0
  const date = zero ? '0000-00-00T00:00:00' : new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `"${date}${fraction}Z"`
}
