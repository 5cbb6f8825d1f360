import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lexer } from '../../../src/classify/sql/lexer.ts'
import { isBare, redact } from '../../../src/classify/sql/redact.ts'
import { plain } from '../../../src/model/redacted.ts'
import { all, one } from './classified.ts'
import { everyday, evasions } from './corpus.ts'

const shown = (text: string): string => plain(redact(text, all(text), () => 'tag'))

const ROWS: readonly (readonly [text: string, shown: string])[] = [
  ["SELECT pan FROM cards WHERE pan = '4111' LIMIT 3", 'SELECT pan FROM cards WHERE pan = ‹text 6› LIMIT 3'],
  ["INSERT INTO cards (id, cvv) VALUES (1, '123')", 'INSERT INTO cards (id, cvv) VALUES (1, ‹text 5›)'],
  [
    "INSERT INTO cards (id, cvv) VALUES (1, '123'), (2, '4' || '56')",
    'INSERT INTO cards (id, cvv) VALUES (1, ‹text 5›), (2, ‹text 3› || ‹text 4›)',
  ],
  ["UPDATE cards SET cvv = '123', id = 7 WHERE id = 5", 'UPDATE cards SET cvv = ‹text 5›, id = 7 WHERE id = 5'],
  ["SELECT name FROM items WHERE name = 'x' -- 4111", "SELECT name FROM items WHERE name = 'x' ‹comment 7›"],
  ["SELECT 'a' /* b /* c */ */ FROM items", "SELECT 'a' ‹comment 15› FROM items"],
  [
    "SELECT E'a\\'b', N'c', B'01', X'ff', U&'d', 1.5e3 FROM cards",
    'SELECT ‹text 7›, ‹text 4›, ‹bits 5›, ‹bits 5›, ‹text 5›, ‹number 5› FROM cards',
  ],
  ["SELECT $a$ it's $$ $a$, $1 FROM cards", 'SELECT ‹text 15›, $1 FROM cards'],
  ["SELECT 'a'\n  'b', 'c''d' FROM cards", 'SELECT ‹text 9›, ‹text 6› FROM cards'],
  ["SELECT 'ä', pan FROM cards WHERE id = 5", 'SELECT ‹text 4›, pan FROM cards WHERE id = 5'],
  ['SELECT "4111 1111 1111 1111", n4111111111111111 FROM items', 'SELECT ‹text 21›, ‹text 17› FROM items'],
  ["SELECT name FROM items WHERE name = '4111111111111111'", 'SELECT name FROM items WHERE name = ‹text 18›'],
  ["SELEC 'x' 5", 'SELEC ‹text 3› ‹number 1›'],
  ["SELECT 'unterminated", 'SELECT ‹text 13›'],
  ['SELECT c2, "Ab" FROM items', 'SELECT c2, "Ab" FROM items'],
]

test('literals that are not proved clear are withheld, and the rest of the text is kept', () => {
  for (const [text, expected] of ROWS) assert.equal(shown(text), expected, text)
})

test('where facts are incomplete every literal is withheld', () => {
  assert.equal(
    shown("SELECT nosuch('a') FROM items WHERE id = 5"),
    'SELECT nosuch(‹text 3›) FROM items WHERE id = ‹number 1›',
  )
  assert.equal(plain(redact("SELECT 'a'", [], () => 'tag')), 'SELECT ‹text 3›')
})

test('each statement of a text is redacted by its own facts', () => {
  assert.equal(
    shown("SELECT 'a' FROM items; SELECT 'b' FROM cards"),
    "SELECT 'a' FROM items; SELECT ‹text 3› FROM cards",
  )
})

test('a token carries the tag of what stood there', () => {
  const text = "SELECT 'a' FROM cards"
  const tags: string[] = []
  const pieces = redact(text, [one(text)], (value) => `<${tags.push(value)}>`)
  assert.deepEqual(tags, ["'a'"])
  assert.deepEqual(pieces[1], { withheld: 'text', bytes: 3, tag: '<1>' })
})

test('what is shown and what is withheld make up the whole text', () => {
  for (const text of everyday()) {
    const values: string[] = []
    const pieces = redact(text, [], (value) => (values.push(value), 'tag'))
    const whole = pieces.map((piece) => (typeof piece === 'string' ? piece : values.shift())).join('')
    assert.equal(whole, text)
  }
})

test('a parameter that goes into an untagged column alone is clear', () => {
  assert.deepEqual(one('INSERT INTO cards (id, cvv) VALUES ($1, $2)').clearParameters, new Set([1]))
  assert.deepEqual(one('INSERT INTO cards (id, cvv) VALUES ($1, $1)').clearParameters, new Set())
  assert.deepEqual(one('UPDATE cards SET id = $1, cvv = $2 WHERE id = $3').clearParameters, new Set([1, 3]))
})

test('a bare text is one whose every token the lexer would show as well, and nothing else is bare', () => {
  const texts = [...everyday(), ...evasions().map(({ text }) => text), ...ROWS.map(([text]) => text)]
  const variants = texts.flatMap((text) => [text, text.replace(/'[^']*'|\$\d+|--|\/\*/g, '47')])
  const bare = variants.filter(isBare)
  assert.ok(bare.length > 100 && bare.length < variants.length)
  for (const text of bare)
    for (const token = new Lexer(text); token.next();) {
      assert.ok(token.kind === 'name' || token.kind === 'number', text)
      assert.ok(text.slice(token.start, token.end).replace(/\D/g, '').length < 12)
    }
  for (const sign of `'"$-/\\\0\u00e9\u0660&@#!~^|%?:[]{}\``) assert.equal(isBare(`SELECT 1 ${sign}`), false, sign)
  for (const text of ['', 'SELECT 411111111111', 'SELECT 4111, 1111, 1111', 'SELECT n4111111, 11111'])
    assert.equal(isBare(text), false)
  assert.equal(isBare('SELECT 41111111111'), true)
})
