/** Numbers that card networks and payment providers publish for tests, with the brand they stand for. */
export const TEST_PANS: readonly (readonly [brand: string, pan: string])[] = [
  ['visa', '4111111111111111'],
  ['visa', '4012888888881881'],
  ['visa', '4242424242424242'],
  ['visa', '4000056655665556'],
  ['visa', '4222222222222'],
  ['mastercard', '5555555555554444'],
  ['mastercard', '5105105105105100'],
  ['mastercard', '5200828282828210'],
  ['mastercard', '2223003122003222'],
  ['amex', '378282246310005'],
  ['amex', '371449635398431'],
  ['amex', '378734493671000'],
  ['discover', '6011111111111117'],
  ['discover', '6011000990139424'],
  ['jcb', '3530111333300000'],
  ['jcb', '3566002020360505'],
  ['diners', '30569309025904'],
  ['diners', '38520000023237'],
  ['unionpay', '6200000000000005'],
  ['maestro', '6304000000000000'],
]

/** Rows in each table; the demo's story counts on `payments`. */
export const ROWS = { customers: 2000, cards: 3000, payments: 5000, refunds: 400 } as const

const GIVEN =
  'Ada Ben Chiara Daniel Elif Femi Greta Hugo Ines Jonas Kenji Lena Mateo Nadia Olga Priya Quentin Rosa Samir Tess'
const FAMILY =
  'Almeida Berg Castro Dubois Eriksen Fischer Garcia Haddad Ito Jansen Kovacs Lindqvist Moreau Novak Okafor Petrov Rossi Silva Tanaka Weber Young'
const PLACES =
  'Lisbon:PT Oslo:NO Lyon:FR Graz:AT Kyoto:JP Porto:PT Leeds:GB Bergen:NO Turin:IT Ghent:BE Toronto:CA Austin:US'

const sqlArray = (items: readonly string[]): string => `ARRAY[${items.map((item) => `'${item}'`).join(',')}]`
/** The item of a constant array that belongs to row `n`, spread so that neighbouring rows differ. */
const pick = (items: readonly string[], n: string): string => `(${sqlArray(items)})[1 + (${n}) % ${items.length}]`

const given = GIVEN.split(' ')
const family = FAMILY.split(' ')
const places = PLACES.split(' ')
const name = `${pick(given, 'n')} || ' ' || ${pick(family, 'n / 7')}`

/** Fills the tables; every run gives the same rows. */
export const FILL: readonly string[] = [
  `INSERT INTO customers (full_name, email, city, country, created_at)
     SELECT ${name}, 'customer' || n || '@shop.example',
            split_part(${pick(places, 'n')}, ':', 1), split_part(${pick(places, 'n')}, ':', 2),
            timestamptz '2024-01-01 00:00:00+00' + n * interval '7 hours'
       FROM generate_series(1, ${ROWS.customers}) AS n ORDER BY n`,
  `INSERT INTO cards (customer_id, brand, holder, pan, cvv, expiry_month, expiry_year, created_at)
     SELECT customer.id, test.brand, upper(customer.full_name), test.pan,
            lpad((n * 7919 % CASE test.brand WHEN 'amex' THEN 10000 ELSE 1000 END)::text,
                 CASE test.brand WHEN 'amex' THEN 4 ELSE 3 END, '0'),
            1 + n % 12, 2027 + n % 5, customer.created_at + interval '1 day'
       FROM generate_series(1, ${ROWS.cards}) AS n
       JOIN customers AS customer ON customer.id = 1 + (n - 1) % ${ROWS.customers}
       JOIN (VALUES ${TEST_PANS.map(([brand, pan], at) => `(${at}, '${brand}', '${pan}')`).join(', ')}) AS test (at, brand, pan)
         ON test.at = (n + n / ${ROWS.customers}) % ${TEST_PANS.length} ORDER BY n`,
  `INSERT INTO payments (card_id, amount, currency, status, paid_at)
     SELECT 1 + (n * 37) % ${ROWS.cards}, (500 + n * 7919 % 45000) / 100.0, ${pick(['EUR', 'USD', 'GBP'], 'n')},
            ${pick(['captured', 'captured', 'captured', 'authorized', 'failed', 'captured', 'disputed'], 'n')},
            timestamptz '2026-01-01 00:00:00+00' + n * interval '83 minutes'
       FROM generate_series(1, ${ROWS.payments}) AS n ORDER BY n`,
  `INSERT INTO refunds (payment_id, amount, reason, refunded_at)
     SELECT n * 11, (100 + n * 613 % 4000) / 100.0, ${pick(['returned', 'duplicate', 'damaged', 'goodwill'], 'n')},
            timestamptz '2026-06-01 00:00:00+00' + n * interval '5 hours'
       FROM generate_series(1, ${ROWS.refunds}) AS n ORDER BY n`,
]
