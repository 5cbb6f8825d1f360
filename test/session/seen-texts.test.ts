import assert from 'node:assert/strict'
import test from 'node:test'
import { SeenTexts } from '../../src/session/seen-texts.ts'

test('a text is new the first time and known the second', () => {
  const seen = new SeenTexts(64)
  assert.equal(seen.again('SELECT 1'), false)
  assert.equal(seen.again('SELECT 2'), false)
  assert.equal(seen.again('SELECT 1'), true)
})

test('texts that differ in one literal are hardly ever taken for each other', () => {
  const seen = new SeenTexts(4096)
  let known = 0
  for (let id = 0; id < 20_000; id += 1) if (seen.again(`SELECT balance FROM accounts WHERE id = ${id}`)) known += 1
  assert.ok(known < 5, `${known} of 20000 were taken for others`)
})

test('the empty text has a slot like any other', () => {
  const seen = new SeenTexts(16)
  assert.equal(seen.again(''), false)
  assert.equal(seen.again(''), true)
})
