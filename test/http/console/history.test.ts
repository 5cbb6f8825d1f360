import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walkBack, type StorePage } from '../../../src/http/console/history.ts'

const NOTHING = {
  text: undefined,
  person: undefined,
  target: undefined,
  from: undefined,
  to: undefined,
  before: undefined,
}
const START = Date.UTC(2026, 0, 1)

/** A store of `count` things, three of which were made in each millisecond; newest first, 500 at most. */
function storeOf(count: number) {
  const all = Array.from({ length: count }, (_, at) => ({
    id: String(at),
    createdAt: START + Math.floor(at / 3),
  })).reverse()
  const asked: StorePage[] = []
  const page = (of: StorePage) => {
    asked.push(of)
    return Promise.resolve(all.filter(({ createdAt }) => createdAt < (of.before ?? Infinity)).slice(0, of.limit))
  }
  return { all, asked, page }
}

test('pages in a row give everything once, whatever was made in the same millisecond', async () => {
  const { all, page } = storeOf(1700)
  const seen: string[] = []
  let before: number | undefined
  let pages = 0
  do {
    const { found, next } = await walkBack({ asked: { ...NOTHING, before }, page, fits: () => true, most: 100 })
    assert.ok(found.length >= 100 || next === undefined)
    seen.push(...found.map(({ id }) => id))
    before = next
    pages += 1
  } while (before !== undefined)
  assert.deepEqual(
    seen,
    all.map(({ id }) => id),
  )
  assert.ok(pages > 15)
})

test('what is rare is found behind thousands that do not fit', async () => {
  const { page } = storeOf(4000)
  const { found, next } = await walkBack({ asked: NOTHING, page, fits: ({ id }) => id === '7', most: 100 })
  assert.deepEqual([found.map(({ id }) => id), next], [['7'], undefined])
})

test('one look has an end, and the next one goes on from there', async () => {
  const { page, asked } = storeOf(30_000)
  const { found, next } = await walkBack({ asked: NOTHING, page, fits: () => false, most: 100 })
  assert.deepEqual(found, [])
  assert.ok(next !== undefined && asked.length < 50)
})

test('the period bounds it, and names go to the store; a name that nobody can have finds nothing', async () => {
  const { page, asked } = storeOf(300)
  const period = { ...NOTHING, from: '2026-01-01', to: '2026-01-02', person: 'alice' }
  const { found } = await walkBack({ asked: period, page, fits: () => true, most: 1000 })
  assert.equal(found.length, 300)
  assert.deepEqual(asked[0], { person: 'alice', before: START + 2 * 86_400_000, limit: 500 })
  assert.deepEqual(await walkBack({ asked: { ...NOTHING, person: "x' OR 1" }, page, fits: () => true, most: 9 }), {
    found: [],
    next: undefined,
  })
  assert.equal(asked.length, 1)
})
