import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Names } from '../../../src/protocol/postgres/names.ts'

const byProtocol = (name: string, value: string) => ({ name, madeBy: 'protocol', value }) as const
const bySql = (name: string, value: string) => ({ name, madeBy: 'sql', value }) as const

test('a defined name is certain in its own segment and uncertain in every other until it is confirmed', () => {
  const names = new Names<string>()
  names.define(byProtocol('s', 'one'), 1)
  assert.deepEqual([names.get('s')?.value, names.isUncertain('s', 1), names.isUncertain('s', 2)], ['one', false, true])
  names.confirm('s')
  assert.deepEqual([names.get('s')?.segment, names.isUncertain('s', 2)], [undefined, false])
})

test('a rollback takes back what was not confirmed, newest first', () => {
  const names = new Names<string>()
  names.put(bySql('s', 'old'))
  names.remove('s', 1)
  names.define(byProtocol('s', 'new'), 1)
  names.define(byProtocol('t', 'two'), 1)
  names.rollback(1)
  assert.deepEqual([names.get('s')?.value, names.get('s')?.madeBy, names.get('t')], ['old', 'sql', undefined])
})

test('a rollback leaves what later segments did', () => {
  const names = new Names<string>()
  names.define(byProtocol('a', 'one'), 1)
  names.define(byProtocol('b', 'two'), 2)
  names.rollback(1)
  assert.deepEqual([names.get('a'), names.get('b')?.value], [undefined, 'two'])
})

test('what was confirmed is not taken back', () => {
  const names = new Names<string>()
  names.define(byProtocol('s', 'one'), 1)
  names.confirm('s')
  names.remove('s', 1)
  names.rollback(1)
  assert.equal(names.get('s')?.value, 'one')
})

test('the same name made, closed and made again is confirmed in the order sent', () => {
  const names = new Names<string>()
  names.define(byProtocol('s', 'one'), 1)
  names.remove('s', 1)
  names.define(byProtocol('s', 'two'), 1)
  names.confirm('s')
  names.confirm('s')
  names.rollback(1)
  assert.equal(names.get('s'), undefined, 'the second making was not confirmed')
})

test('what SQL dropped stays dropped when a later change of the name is taken back', () => {
  const names = new Names<string>()
  names.define(byProtocol('s', 'one'), 1)
  names.confirm('s')
  names.remove('s', 2)
  names.delete('s')
  names.rollback(2)
  assert.equal(names.get('s'), undefined)
})

test('what SQL made lies below a change that is still on its way', () => {
  const names = new Names<string>()
  names.define(byProtocol('s', 'coming'), 1)
  names.put(bySql('s', 'there'))
  assert.equal(names.get('s')?.value, 'coming')
  names.rollback(1)
  assert.equal(names.get('s')?.value, 'there')
})

test('DEALLOCATE ALL forgets what was there and keeps what is on its way', () => {
  const names = new Names<string>()
  names.put(bySql('old', 'one'))
  names.define(byProtocol('new', 'two'), 1)
  names.clear()
  assert.deepEqual([names.get('old'), names.get('new')?.value], [undefined, 'two'])
  names.rollback(1)
  assert.equal(names.size, 0)
})

test('prune forgets exactly what the predicate names', () => {
  const names = new Names<string>()
  names.put(bySql('a', 'keep'))
  names.put(bySql('b', 'drop'))
  names.prune((entry) => entry.value === 'drop')
  assert.deepEqual([names.get('a')?.value, names.get('b')], ['keep', undefined])
})
