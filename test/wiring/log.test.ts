import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { createLog } from '../../src/wiring/log.ts'
import { scratchFolder } from '../store/scratch.ts'

/** What somebody may send as a name, a version or a reason to write lines of their own into a log, or to reach whoever reads it. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a line feed': 'alice\n{"level":30,"msg":"approved"}',
  'a carriage return': 'alice\rroot',
  both: 'alice\r\nroot',
  'an escape sequence': 'alice\u001b[2J\u001b[1;1H',
  'a control of eight bits': 'alice\u009b2J',
  'a delete': 'alice\u007f\u007f',
  'separators of lines and paragraphs': 'a\u2028b\u2029c',
  'what ends a text in JSON': '","level":60,"x":"',
  'a NUL': 'a\0b',
}

for (const [what, text] of Object.entries(HOSTILE))
  test(`AP-26: ${what} in a field or a message makes no second line and no field, and reaches no terminal`, (context) => {
    const file = path.join(scratchFolder(context), 'log')
    const log = createLog({ level: 'info', file })
    log.warn({ name: text, nested: { application: text } }, text)
    const written = readFileSync(file, 'utf8')
    assert.doesNotMatch(written.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    const line = JSON.parse(written) as Record<string, unknown>
    assert.deepEqual(Object.keys(line).toSorted(), ['level', 'msg', 'name', 'nested', 'time'])
    assert.deepEqual([line['name'], line['nested'], line['msg']], [text, { application: text }, text])
  })

test('a card number, a password and a token stand in no line', (context) => {
  const file = path.join(scratchFolder(context), 'log')
  createLog({ level: 'info', file }).info({ password: 'a secret', token: 'cst_x', at: '4111111111111111' }, 'm')
  assert.doesNotMatch(readFileSync(file, 'utf8'), /a secret|cst_x|4111111111111111/)
})
