import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toCsv } from '../../src/evidence/csv.ts'
import type { Cell } from '../../src/evidence/report.ts'

const csv = (...cells: Cell[]): string =>
  [
    ...toCsv({ title: '', columns: cells.map((_, at) => ({ name: `c${at}`, title: '' })), rows: [cells], cut: false }),
  ][1] ?? ''

test('what a spreadsheet would run is text, behind an apostrophe', () => {
  const formulas = ['=1+1', '+1', '-2+3', '@SUM(A1)', '\t=1', '  =1', '=HYPERLINK("x")']
  for (const formula of formulas) assert.match(csv(formula), /^"?'/, formula)
  assert.equal(csv(['=1', 'two']), `"'=1, two"\r\n`)
  assert.equal(csv(-5), '-5\r\n')
  assert.equal(csv('a=1'), 'a=1\r\n')
})

test('quotes, commas and line ends are quoted as RFC 4180 says; nothing else is', () => {
  assert.equal(csv('say "a"', 'x,y', 'plain', null, true), '"say ""a""","x,y",plain,,yes\r\n')
  assert.equal(csv('two\nlines'), '"two\nlines"\r\n')
  assert.equal(csv('two\r\nlines'), '"two\nlines"\r\n')
})

test('characters that hide or reorder text are spelled out; what was withheld keeps its marks', () => {
  assert.equal(csv('a\u202eb\u200bc\u001b[2J'), 'a\\u{202e}b\\u{200b}c\\u{1b}[2J\r\n')
  assert.equal(csv('id = ‹number 2›'), 'id = ‹number 2›\r\n')
  assert.equal(csv('a\rb'), 'a\\u{d}b\r\n')
})

test('a table that was cut says so in its last record', () => {
  const columns = ['a', 'b'].map((name) => ({ name, title: '' }))
  const lines = [...toCsv({ title: '', columns, rows: [['1', '2']], cut: true })]
  assert.deepEqual(lines.slice(0, 2), ['a,b\r\n', '1,2\r\n'])
  assert.match(
    lines[2] ?? '',
    /^There are more rows than one report holds: these 1 are the newest\. Ask for a shorter period\.,\r\n$/,
  )
  assert.equal([...toCsv({ title: '', columns, rows: [['1', '2']], cut: false })].length, 2)
})
