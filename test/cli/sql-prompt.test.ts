import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFinished } from '../../src/cli/sql-finished.ts'
import { SqlTable } from '../../src/cli/sql-table.ts'

const FINISHED = ['SELECT 1;', 'SELECT 1;  \n', "SELECT ';';", 'SELECT 1; -- that is it', 'SELECT $$;$$;', '/* a */;']
const UNFINISHED = ['', 'SELECT 1', "SELECT 'a;", 'SELECT "a;', 'SELECT 1 -- a;', 'SELECT $$;', '/* ;', "SELECT E'\\';"]

test('a statement is finished by a semicolon that stands outside of literals, names and comments', () => {
  for (const text of FINISHED) assert.equal(isFinished(text), true, text)
  for (const text of UNFINISHED) assert.equal(isFinished(text), false, text)
})

test('rows stand below their columns, and what could act on a terminal is spelled out', () => {
  let text = ''
  const table = new SqlTable((more) => (text += more))
  table.begin(['id', 'name'])
  table.row(['1', 'Zoë'])
  table.row(['22', '\u001b[2Jgone'])
  table.row(['3', null])
  table.end()
  assert.equal(
    text,
    [' id | name', '----+---------------', ' 1  | Zoë', ' 22 | \\u{1b}[2Jgone', ' 3  |', '(3 rows)\n\n'].join('\n'),
  )
})

test('a long result is printed a page at a time, with one head and one count', () => {
  const printed: string[] = []
  const table = new SqlTable((more) => printed.push(more))
  table.begin(['n'])
  for (let row = 1; row <= 2500; row += 1) table.row([String(row)])
  assert.equal(printed.length, 2)
  table.end()
  const lines = printed.join('').trimEnd().split('\n')
  assert.equal(lines.length, 2503)
  assert.equal(lines.at(-1), '(2500 rows)')
})
