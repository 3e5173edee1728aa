/** What those who guess passwords try first, besides runs of keys: alone, repeated, or one after another. */
const common =
  `password passwort motdepasse contrasena passw0rd p@ssword p@ssw0rd pass letmein welcome willkommen
  iloveyou admin administrator root user guest login master secret changeme default test testing hello
  monkey dragon sunshine princess football baseball superman batman shadow michael charlie jordan freedom
  whatever trustno1 starwars abc123 azerty asdf qwerty qwertz correcthorsebatterystaple`.split(/\s+/)

/** Neighbours on a keyboard, in the alphabet and in counting; each is read backwards too. */
const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '0123456789012345678901234567890',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
].flatMap((row) => [row, [...row].reverse().join('')])

const SHORTEST_RUN = 4
const SHORTEST_WORD = 4

/**
 * Whether a password is one that attackers would expect. The whole of it is judged, as SP 800-63B-4 asks: a phrase
 * that only contains such a word is fine. Capitals, blanks and punctuation make none better, nor do four digits at
 * the end, since a year or a counter is what people add first.
 *
 * @param about words that name the shop and its customer, such as the parts of the e-mail address
 */
export function isExpected(password: string, about: string[] = []): boolean {
  const plain = simplify(password)
  if (repeats(plain)) return true
  const own = about.map(simplify).filter((word) => word.length >= SHORTEST_WORD)
  const words = [...common.map(simplify), ...own]
  // ends[i]: the first i characters are nothing but expected pieces
  const ends = new Set([0])
  for (let at = 0; at < plain.length; at++) {
    if (!ends.has(at)) continue
    for (const word of words) if (plain.startsWith(word, at)) ends.add(at + word.length)
    for (let end = at + SHORTEST_RUN; end <= plain.length; end++) {
      const piece = plain.slice(at, end)
      if (!rows.some((row) => row.includes(piece)) && !sameCharacter(piece)) break
      ends.add(end)
    }
  }
  return [...ends].some((end) => end > 0 && /^\d{0,4}$/.test(plain.slice(end)))
}

/** Lower case, without what is neither a letter nor a digit unless there is nothing else. */
const simplify = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '') || text

const sameCharacter = (text: string): boolean => text === text.charAt(0).repeat(text.length)

/** Nothing but a piece of fewer than eight characters again and again: no better than the piece. */
function repeats(text: string): boolean {
  for (let length = 1; length < 8; length++) {
    const piece = text.slice(0, length)
    if (text === piece.repeat(Math.ceil(text.length / length)).slice(0, text.length)) return true
  }
  return false
}
