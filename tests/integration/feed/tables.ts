const COLUMNS = `(
  id INT UNSIGNED PRIMARY KEY, number VARCHAR(32) NOT NULL, customer VARCHAR(120) NOT NULL, note TEXT NULL,
  total DECIMAL(12, 2) NOT NULL, weight DOUBLE NULL, items SMALLINT NOT NULL, placed_at DATETIME NOT NULL,
  shipped_at TIMESTAMP NULL, status ENUM('new', 'paid', 'shipped') NOT NULL, address VARCHAR(255) NOT NULL)`

/** SQL that makes a table of orders of about 800 bytes of JSON each, with quotes, newlines, commas and NULLs. */
export const ordersTable = (table: string, rows: number): string => `
  CREATE TABLE ${table} ${COLUMNS};
  INSERT INTO ${table} SELECT
    seq, CONCAT('2026-', LPAD(seq, 8, '0')), CONCAT('Customer ', seq, ', "Zoë" 😀'),
    IF(seq % 3 = 0, NULL, CONCAT('Ring twice,\\nthen ask for "', seq, '".\\r\\n', REPEAT('Leave it at the door. ', 35))),
    seq * 1.37, IF(seq % 5 = 0, NULL, seq / 8), seq % 20, '2020-01-01' + INTERVAL seq MINUTE,
    IF(seq % 2, NULL, '2021-01-01' + INTERVAL seq MINUTE), ELT(1 + seq % 3, 'new', 'paid', 'shipped'),
    CONCAT(seq, ' Long Street, Springfield')
  FROM seq_1_to_${rows};`

/** The texts that conversions get wrong. */
export const TEXTS = [
  '',
  ' ',
  'NULL',
  '\\N',
  'null',
  '"',
  '""',
  'a "quoted" word',
  "it's",
  'comma, semicolon; tab\tend',
  'line\nfeed',
  'carriage\rreturn',
  'both\r\n',
  '\n',
  '\n"\n',
  'back\\slash',
  '\\',
  '\\"',
  '😀 👩‍👩‍👧 🇩🇪',
  'שלום עולם',
  '\u202eright to left\u202c',
  'naïve café Ⅷ ﷽',
  '\u2028 \u2029 \u0085',
  '\ufeffmark',
  '\u0001\u001f\u007f',
  '0',
  '007',
  '1e5',
  '<b>&amp;</b>',
  '$x `y` %s',
  'x'.repeat(60_000),
]

const hex = (text: string): string =>
  text === '' ? "''" : `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`

/** SQL that makes the table `special`: each text once, and the values at the ends of each type's range. */
export const specialTable = (): string => `
  SET sql_mode = 'ALLOW_INVALID_DATES';
  CREATE TABLE special (
    id BIGINT UNSIGNED PRIMARY KEY, txt LONGTEXT CHARACTER SET utf8mb4 NULL, price DECIMAL(20, 4) NULL, ratio DOUBLE NULL,
    small TINYINT NULL, padded INT(8) ZEROFILL NULL, day DATE NULL, moment DATETIME(3) NULL, instant TIMESTAMP(6) NULL,
    clock TIME NULL, bits BIT(9) NULL, bytes BLOB NULL, doubled VARCHAR(8) AS (small * 2) VIRTUAL,
    \`a "b", \`\`c\`\`\` VARCHAR(10) NULL);
  INSERT INTO special (id, txt) VALUES ${TEXTS.map((text, index) => `(${index + 1}, ${hex(text)})`).join(', ')};
  INSERT INTO special (id, txt) VALUES (1000, NULL);
  INSERT INTO special VALUES
    (9007199254740991, 'a', 1234567890123456.7800, 1.7976931348623157e308, 127, 42, '2024-02-29', '2026-11-22 13:04:05.120',
      '2026-11-22 13:04:05.123456', '23:59:59', b'100000001', 0x00ff220a5c, DEFAULT, 'x'),
    (18446744073709551615, 'b', -0.0001, -1e-7, -128, 0, '0000-00-00', '0000-00-00', 0, '-01:00:00', 0, '', DEFAULT, ''),
    (9007199254740993, 'c', 0, 0.1, 0, 99999999, '9999-12-31', '1000-01-01', '2038-01-19 03:14:07', '838:59:59', b'1',
      REPEAT('x', 300), DEFAULT, NULL);`

/** What those values are in JSON, by id. */
export const SPECIAL: Record<string, Record<string, unknown>> = {
  '9007199254740991': {
    ...{
      id: 9007199254740991,
      txt: 'a',
      price: '1234567890123456.7800',
      ratio: Number.MAX_VALUE,
      small: 127,
    },
    ...{ padded: 42, day: '2024-02-29', moment: '2026-11-22T13:04:05.120', clock: '23:59:59', bits: 257 },
    ...{ instant: '2026-11-22T13:04:05.123456Z', bytes: 'AP8iClw=', doubled: '254', 'a "b", `c`': 'x' },
  },
  '18446744073709551615': {
    ...{ id: '18446744073709551615', txt: 'b', price: '-0.0001', ratio: -1e-7, small: -128, padded: 0 },
    ...{ day: '0000-00-00', moment: '0000-00-00T00:00:00.000', clock: '-01:00:00', bits: 0 },
    ...{ instant: '0000-00-00T00:00:00.000000Z', bytes: '', doubled: '-256', 'a "b", `c`': '' },
  },
  '9007199254740993': {
    ...{ id: '9007199254740993', txt: 'c', price: '0.0000', ratio: 0.1, small: 0, padded: 99999999 },
    ...{ day: '9999-12-31', moment: '1000-01-01T00:00:00.000', clock: '838:59:59', bits: 1 },
    ...{ instant: '2038-01-19T03:14:07.000000Z', bytes: Buffer.from('x'.repeat(300)).toString('base64') },
    ...{ doubled: '0', 'a "b", `c`': null },
  },
}
