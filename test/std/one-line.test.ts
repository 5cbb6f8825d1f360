import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneLine } from '../../src/std/one-line.ts'

const WORDS: readonly (readonly [what: string, typed: string, told: string])[] = [
  ['ordinary words', 'Nicht ohne WHERE, größer als 5 €!', 'Nicht ohne WHERE, größer als 5 €!'],
  ['line ends', 'no\nNOTICE:  approved\r\nby root\u2028now', 'no NOTICE: approved by root now'],
  ['escapes', 'no \u001b[2J\u001b]0;x\u0007\u009b1m', 'no ?[2J?]0;x??1m'],
  ['directions and the invisible', 'a\u202eb\u2066c\u200bd\ufeffe', 'a?b?c?d e'],
  ['the end of a string', 'a\0b', 'a?b'],
  ['half of a pair', 'a\ud800b', 'a?b'],
]
for (const [what, typed, told] of WORDS) test(`${what} on one line`, () => assert.equal(oneLine(typed), told))
