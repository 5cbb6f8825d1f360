import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClassifier } from '../../../src/classify/sql/classify.ts'
import { createParser } from '../../../src/classify/sql/parse.ts'
import { TreeTemplate, viewOf } from '../../../src/classify/sql/tree-template.ts'
import { lookOf } from '../../../src/classify/sql/tree-templates.ts'
import { loadGrammar } from '../../../src/parsing/grammar.ts'
import { calm } from './classified.ts'
import { everyday, evasions } from './corpus.ts'

const { parse, glance } = await createParser({ grammar: await loadGrammar() })

/** Literals that the parser writes in ways of their own: left out, as a number, as a text, escaped, beyond ASCII. */
const LITERALS = [
  ...['0', '7', '42', '2147483647', '2147483648', '-5', '1.5', '1e10', '0x1F', 'NULL', 'true', '$1'],
  ...["''", "'x'", "'é€\u{1f600}'", `'a"b'`, "'a\\b'", "E'\\n'", "$$a'b$$", "'4111 1111 1111 1111'", "X'1F'", "'%'"],
]

/** The text with four other literals in place of its own, another four for each text, so often that templates are made. */
const variants = (text: string, index: number): readonly string[] =>
  [0, 1, 2, 3, 0, 1, 2, 3, 3].map((step) => {
    const literal = LITERALS[(index * 4 + step) % LITERALS.length] ?? ''
    return text.replace(/'[^']*'|\b\d+\b/g, () => literal)
  })

test('a lent tree is what a tree made anew is, whatever came before', () => {
  const texts = [...everyday(), ...evasions().map((evasion) => evasion.text)]
  for (const one of texts.flatMap(variants)) assert.deepEqual(glance(one), parse(one))
})

test('a tree is lent a second time to texts that differ in their literals alone', () => {
  const select = (id: number): string => `SELECT name FROM customers WHERE id = ${id} AND name <> 'n${id}'`
  for (const id of [1, 2]) glance(select(id))
  const [first, second] = [glance(select(3)), glance(select(44))]
  assert.ok(first.kind === 'parsed' && second.kind === 'parsed')
  assert.equal(first.statements, second.statements)
})

test('a tree of parse is never touched again', () => {
  const select = (id: number): string => `SELECT name FROM orders WHERE id = ${id}`
  for (const id of [1, 2, 3]) glance(select(id))
  const kept = parse(select(4))
  const before = structuredClone(kept)
  glance(select(5))
  assert.deepEqual(kept, before)
})

test('facts do not change when their tree is lent to another text', () => {
  const classify = createClassifier({ parse })
  const texts = (id: number): readonly string[] => [
    `SET statement_timeout = '${id}s'`,
    `SELECT id FROM orders WHERE id = ${id} LIMIT ${id}`,
    `SELECT set_config('work_mem', '${id}MB', true)`,
    `DECLARE c${id} CURSOR FOR SELECT pan FROM cards WHERE id = ${id}`,
  ]
  for (const id of [1, 2, 33]) texts(id).forEach((text) => classify(glance(text), calm))
  const facts = texts(4).map((text) => classify(glance(text), calm))
  texts(55_555).forEach((text) => classify(glance(text), calm))
  assert.deepEqual(
    facts,
    texts(4).map((text) => classify(parse(text), calm)),
  )
})

const filled = (template: TreeTemplate, json: string): unknown =>
  template.fill(viewOf(Buffer.from(`..${json}\0.....`)), 2)

const CONSTANT = '{"A_Const":{"sval":{"sval":"x"},"location":7},"name":{"String":{"sval":"id"}}}'

for (const json of [
  CONSTANT,
  CONSTANT.replace('7', '123456'),
  CONSTANT.replace('7', '-1'),
  CONSTANT.replace('"x"', '""'),
  CONSTANT.replace('"x"', '"a\\"b\\\\"'),
  CONSTANT.replace('"x"', '"\\u003e\\n"'),
  CONSTANT.replace('"x"', '"é€\u{1f600}"'),
])
  test(`${json} is of the shape of ${CONSTANT}`, () =>
    assert.deepEqual(filled(new TreeTemplate(CONSTANT), json), JSON.parse(json)))

for (const json of [
  CONSTANT.replace('"id"', '"ix"'),
  CONSTANT.replace(',"location":7', ''),
  CONSTANT.replace('7', '7.5'),
  CONSTANT.replace('7', '1234567890123456'),
  CONSTANT.replace('7', '"7"'),
  CONSTANT.replace('7', ''),
  CONSTANT.replace('"x"', '1'),
  CONSTANT.replace('"x"', 'x'),
  `${CONSTANT} `,
  CONSTANT.slice(0, -1),
  CONSTANT.slice(0, 30),
  '',
])
  test(`${json} is of another shape`, () => assert.equal(filled(new TreeTemplate(CONSTANT), json), undefined))

test('nothing is read behind the end of the memory', () => {
  const template = new TreeTemplate(CONSTANT)
  const bytes = Buffer.from(`${CONSTANT}\0`)
  for (let end = 0; end < bytes.length; end += 1)
    assert.equal(template.fill(viewOf(bytes.subarray(0, end)), 0), undefined, `cut at ${end}`)
})

test('texts look alike where only literals differ, and not where words do', () => {
  const look = lookOf("SELECT a1 FROM t WHERE id = 12 AND note = 'x'")
  assert.equal(lookOf("SELECT a1 FROM t WHERE id = 99999 AND note = 'it is -- /* another'"), look)
  assert.notEqual(lookOf("SELECT a2 FROM t WHERE id = 12 AND note = 'x'"), look)
  assert.notEqual(lookOf("SELECT a1 FROM t WHERE id = 0 AND note = 'x'"), look)
  assert.notEqual(lookOf("SELECT a1 FROM t WHERE id = 12 AND note = ''"), look)
})
