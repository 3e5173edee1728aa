/** CRC-32's polynomial, and x to the powers 2^0 to 2^31 modulo it; the highest bit is the constant term. */
const POLYNOMIAL = 0xedb88320
const powers = [1 << 30]
for (let n = 1; n < 32; n++) powers.push(multiply(powers[n - 1] as number, powers[n - 1] as number))

/**
 * The CRC-32 of two parts one behind the other, by those of each and the length of the second in bytes: that of the
 * first, multiplied by x to the power of the bits that follow it, plus that of the second.
 */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let shift = 1 << 31
  let rest = secondBytes
  // In bytes: x to the power of 8 is 2^3.
  for (let n = 3; rest > 0; n++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(powers[n % 32] as number, shift)
  }
  return (multiply(shift, first) ^ second) >>> 0
}

function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= b
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1
  }
  return product
}
