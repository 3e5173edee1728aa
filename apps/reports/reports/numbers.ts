/** A row as PostgreSQL's driver gives it, with its 64-bit numbers as the numbers of JSON. */
export type Plain<Row> = {
  [Field in keyof Row]: bigint extends Row[Field] ? Exclude<Row[Field], bigint> | number : Row[Field]
}

/** Errors: RangeError for a number that JSON's readers would round. */
export function plain<Row extends object>(row: Row): Plain<Row> {
  const fields = Object.entries(row).map(([field, value]) => [field, plainValue(value)])
  return Object.fromEntries(fields) as Plain<Row>
}

function plainValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is more than a report can show`)
  return number
}

/** The sum of a field over rows. */
export const sum = <Field extends string>(rows: Record<Field, number>[], field: Field): number =>
  rows.reduce((total, row) => total + row[field], 0)

/** Part of a whole in percent, to one decimal; null where there is no whole. */
export const percent = (part: number, whole: number): number | null => quotient(100 * part, whole, 1)

/** Rounded to so many decimals, halves away from zero as PostgreSQL does; null for a division by zero. */
export function quotient(dividend: number, divisor: number, decimals = 0): number | null {
  if (divisor === 0) return null
  const scale = 10 ** decimals
  const exact = (dividend * scale) / divisor
  // Adding 0 makes 0 of -0.
  return (Math.sign(exact) * Math.round(Math.abs(exact))) / scale + 0
}
