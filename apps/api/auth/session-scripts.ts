/**
 * What happens to logins inside Redis, each in one step that nothing can come between. KEYS[1] is the hash of one login:
 * user, stamp, since (ms), current and previous (hashes of tokens), nonce and at (of the last rotation, ms).
 */

/** ARGV: user, stamp, hash of the token, now, life in ms. */
export const BEGIN = `
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'stamp', ARGV[2], 'current', ARGV[3], 'since', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`

/** ARGV: prefix of the keys that say since when a user's logins count. Answers user and stamp, or nothing. */
export const LOOK = `
local found = redis.call('HMGET', KEYS[1], 'user', 'stamp', 'since')
if not found[1] then return nil end
local ended = redis.call('GET', ARGV[1] .. found[1])
if ended and tonumber(found[3]) <= tonumber(ended) then
  redis.call('DEL', KEYS[1])
  return nil
end
return { found[1], found[2] }`

/**
 * ARGV: hash of the presented token, hash of its successor, the successor's nonce, now, grace in ms, life in ms.
 * Answers what happened and, when rotated, the nonce of the successor: this one's, or that of whoever came first.
 */
export const ROTATE = `
local found = redis.call('HMGET', KEYS[1], 'current', 'previous', 'nonce', 'at')
if not found[1] then return { 'unknown' } end
if found[1] == ARGV[1] then
  redis.call('HSET', KEYS[1], 'current', ARGV[2], 'previous', ARGV[1], 'nonce', ARGV[3], 'at', ARGV[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
  return { 'rotated', ARGV[3] }
end
if found[2] == ARGV[1] and tonumber(ARGV[4]) - tonumber(found[4]) <= tonumber(ARGV[5]) then
  return { 'rotated', found[3] }
end
redis.call('DEL', KEYS[1])
return { 'reused' }`
