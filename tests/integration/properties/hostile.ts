import fc, { type Arbitrary } from 'fast-check'

/** What programs and attackers send where something else was asked for. */

const long = 'x'.repeat(6000)

/** In place of any value of a JSON body. */
export const hostileValue: Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...[null, true, [], {}, [[]], '', ' ', '\0', 'a\0b', '\ud800', 'a\udfffb', '\u202e', '😀'.repeat(70), long],
  ...["' OR ''='", '\\', '%', '{{7*7}}', '../../etc/passwd', '00000000-0000-0000-0000-000000000000'],
  ...[-1, -0, 0, 1.5, 1e-7, 2_147_483_647, 2_147_483_648, 4_294_967_296, 2 ** 53, 1e21, 1.7e308],
  ...['1', '1e3', '0x10', 'NaN', { toString: 'x' }, { length: 5 }, Array(60).fill({})],
)

/** In place of a segment of a path; as it goes over the wire. */
export const hostileSegment: Arbitrary<string> = fc.constantFrom(
  ...['%E0%A4%A', '%', '%00', '%0d%0aX-Injected:1', '%C0%AF', '%ED%A0%80', '%F0%9F%98%80', '%2e%2e%2f', '..'],
  ...['0', '-1', '01', '1.0', '1e3', '2147483647', '2147483648', '99999999999999999999', 'NaN', "'", '%22'],
  ...['__proto__', 'constructor', 'events', 'ws', 'image', long, `0123456789abcdef-${'y'.repeat(300)}.png`],
  ...['ffffffff-ffff-ffff-ffff-ffffffffffff', '0F0F0F0F-0000-0000-0000-000000000000', '0000-0', '*', ';a=b'],
)

/** Added to a query, or its only part; as it goes over the wire. */
export const hostileQuery: Arbitrary<string> = fc.constantFrom(
  ...[
    'page=1&page=2',
    'page=',
    'page=0',
    'page=-1',
    'page=1.5',
    'page=1e999',
    'page=9007199254740993',
    'page=%20',
  ],
  ...[
    'page=100000',
    'page=1000000',
    'page=1000000&limit=100',
    'page=1001&limit=100',
    'page[]=1',
    'page[a]=1',
  ],
  ...['limit=0', 'limit=101', 'limit=0x10', 'limit=NaN', 'limit=&limit=', 'limit=1e2', 'limit=true'],
  ...['search=%00', 'search=%E0%A4%A', 'search=%ED%A0%80', 'search=a&search=b', 'search=%27', 'search=%5C'],
  ...[
    `search=${'a%20'.repeat(50)}`,
    `search=${long}`,
    'search=%26%20%7C%20!%20:*',
    "search='%20'",
    'search=:*',
  ],
  ...['search=%25%25%25', 'search=_', 'search=%F0%9F%98%80', 'category=%00', 'category=', `category=${long}`],
  ...['status=paid&status=paid', 'status=PAID', 'status=', '__proto__=1', '__proto__[x]=1', 'constructor=1'],
  ...['last_event_id=-1', 'last_event_id=9223372036854775807', 'last_event_id=9223372036854775808'],
  ...['last_event_id=0&last_event_id=1', '&&&=&', '=', '%', '?', 'a'.repeat(3000), 'x=1&'.repeat(1500)],
)

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (header: unknown, payload: unknown, signature = 'AAAA') =>
  `Bearer ${encoded(header)}.${encoded(payload)}.${signature}`
const claims = { sub: '00000000-0000-4000-8000-000000000000', role: 'admin', exp: 4_102_444_800 }
const forged = [
  ...['\0', "'", '__proto__', 5, null, long].map((kid) => token({ alg: 'HS256', kid }, claims)),
  ...[token({ alg: 'none' }, claims, ''), token({}, {}), token(null, null), 'Bearer a.b.c', 'Bearer ..'],
  ...['Bearer', 'Bearer ', 'bearer x y', 'Basic YTpi', 'é', '', `Bearer ${long}`],
]

const strange = ['', ' ', '\xff\xfe', '%00', '"', long, ',,,', '__proto__', '*', '0', '-1']
const byHeader: Record<string, string[]> = {
  authorization: forged,
  'idempotency-key': [...strange, 'short', 'a'.repeat(128), 'a'.repeat(129), 'with space', 'key-of-bert-1'],
  'if-match': [...strange, 'W/"x"', '"0123456789abcdef-9999999999"', '"'.repeat(3000)],
  'if-none-match': [...strange, 'W/"', '"a", "b"'],
  'last-event-id': [...strange, '9223372036854775808', '1e3', '1,2'],
  cookie: [
    ...strange,
    'ecomweb_refresh',
    'ecomweb_refresh=',
    'ecomweb_refresh=%E0%A4%A',
    ';;;=;=',
    'a=b; ecomweb_refresh=..',
  ],
  'content-type': [
    ...strange,
    'text/plain',
    'application/json; charset=utf-99',
    'application/json;;;',
    'multipart/form-data',
    'image/png',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
  ],
  'content-encoding': ['gzip', 'br', 'deflate', 'nothing', 'gzip, gzip'],
  accept: [...strange, 'text/html', 'application/xml;q=9', ';q='],
  'accept-encoding': [...strange, 'identity;q=0', 'gzip;q=a'],
  'accept-language': strange,
  range: ['bytes=5-1', 'bytes=-0', 'bytes=99999999999-', 'bytes=0-0,1-1,2-2', 'lines=1-2', ...strange],
  origin: [...strange, 'null', 'http://', 'https://evil.example'],
  'x-request-id': strange,
  'x-forwarded-for': [...strange, ':::::', '::ffff:1.2.3.4', '1.2.3.4, 5.6.7.8', 'fe80::1%eth0'],
  'x-ecomweb-client': strange,
  'x-http-method-override': ['DELETE', ''],
}

export const hostileHeader: Arbitrary<[name: string, value: string]> = fc
  .constantFrom(...Object.entries(byHeader))
  .chain(([name, values]) => fc.constantFrom(...values).map((value): [string, string] => [name, value]))

/** What is sent in place of a JSON body; `text` is the valid one. */
export const hostileText: Arbitrary<(text: string) => string | Buffer> = fc.oneof(
  fc.nat(200).map((length) => (text: string) => text.slice(0, Math.min(length, text.length - 1))),
  fc
    .constantFrom(
      ...[
        '',
        'null',
        'true',
        '1',
        '"text"',
        '[]',
        '{}',
        '[{}]',
        '{',
        '{"',
        '\0',
        '1e400',
        '{"items":1e400}',
        'undefined',
      ],
      ...['{"page":1}{"page":2}', "{'a':1}", '{"a":1,}', '{"a":01}', '[1e1000000]', `"${'\\ud800'}"`, '//'],
      ...[
        '{"__proto__":{"role":"admin"},"constructor":{"prototype":{"x":1}}}',
        `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
      ],
      ...[
        `{"email":"${'a'.repeat(70_000)}"}`,
        `{"items":[${'{"product_id":1,"quantity":1},'.repeat(2000)}{}]}`,
      ],
    )
    .map((text) => () => text),
  fc
    .constantFrom(
      Buffer.from([0xff, 0xfe, 0x7b]),
      Buffer.from('{"email":"\xff\xfe"}', 'latin1'),
      Buffer.from('\ufeff{}'),
    )
    .map((bytes) => () => bytes),
  // The same key twice: the last one counts, as everywhere in JavaScript.
  fc.constant((text: string) => text.replace(/^\{("\w+":)/, '{$1null,$1')),
  fc.constant((text: string) => text.replace(/^\{/, '{"__proto__":{"admin":true},')),
)
