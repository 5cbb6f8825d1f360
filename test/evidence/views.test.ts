import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createViews } from '../../src/evidence/views.ts'

const HOUR = 3_600_000

function views() {
  const time = { now: 1_000_000 }
  const written: string[] = []
  const once = createViews({ clock: { now: () => time.now } })
  const view = (...key: readonly string[]) =>
    once(key, () => {
      written.push(key.join(' '))
      return Promise.resolve()
    })
  return { time, written, once, view }
}

test('a thousand pages of one recording are one entry an hour for each who reads them, from each place', async () => {
  const { time, written, view } = views()
  for (let page = 0; page < 1000; page += 1) await view('carol', '10.0.0.1', 's_1')
  await view('carol', '10.0.0.2', 's_1')
  await view('carol', '10.0.0.1', 's_2')
  await view('dan', '10.0.0.1', 's_1')
  time.now += HOUR - 1
  await view('carol', '10.0.0.1', 's_1')
  assert.equal(written.length, 4)
  time.now += 1
  await view('carol', '10.0.0.1', 's_1')
  assert.deepEqual(written, [
    'carol 10.0.0.1 s_1',
    'carol 10.0.0.2 s_1',
    'carol 10.0.0.1 s_2',
    'dan 10.0.0.1 s_1',
    'carol 10.0.0.1 s_1',
  ])
})

test('a second page waits until the first one’s entry is on the disk, and an entry that failed is written by the next', async () => {
  const { once } = views()
  const order: string[] = []
  const disk = Promise.withResolvers<undefined>()
  const first = once(['carol'], () => disk.promise.then(() => undefined))
  const second = once(['carol'], () => assert.fail('it is being written already')).then(() => order.push('second'))
  order.push('before')
  disk.resolve(undefined)
  await Promise.all([first, second])
  assert.deepEqual(order, ['before', 'second'])
  await assert.rejects(
    once(['dan'], () => Promise.reject(new Error('disk full'))),
    /disk full/,
  )
  let tries = 0
  await once(['dan'], () => Promise.resolve(void (tries += 1)))
  assert.equal(tries, 1)
})

test('what is remembered is bounded: the oldest is written down again rather than the newest forgotten', async () => {
  const { written, view } = views()
  for (let n = 0; n <= 10_000; n += 1) await view(`p${n}`)
  await view('p10000')
  assert.equal(written.length, 10_001)
  await view('p0')
  assert.equal(written.length, 10_002)
})
