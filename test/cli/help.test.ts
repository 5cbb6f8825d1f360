import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { USAGE } from '../../src/cli/help.ts'

test('the help names every command that there is, once, and no other', () => {
  const there = readFileSync('src/main.ts', 'utf8').matchAll(/^ {2}(\w+): async \(\) =>/gm)
  const told = USAGE.matchAll(/^ {2}(\w+) +\S/gm)
  const names = (found: Iterable<RegExpExecArray>): string[] => Array.from(found, ([, name = '']) => name).sort()
  assert.deepEqual(names(told), names(there))
  assert.ok(names(USAGE.matchAll(/^ {2}(\w+) +\S/gm)).length > 20)
})
