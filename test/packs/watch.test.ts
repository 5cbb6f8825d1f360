import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { ReadResult } from '../../src/packs/read.ts'
import { watchPacks, type Notice } from '../../src/packs/watch.ts'
import { createPolicy, type PolicySet } from '../../src/policy/decide.ts'
import type { PackProblem } from '../../src/policy/load.ts'
import { systemClock, type Clock } from '../../src/std/clock.ts'
import { pack } from '../policy/builders.ts'

const policy = (name: string): PolicySet => createPolicy([pack(`name: ${name}\nrules: []`)])
const good = (made: PolicySet): ReadResult => ({ policy: made, problems: [] })
const broken: ReadResult = { policy: undefined, problems: [{ file: 'a.yaml', line: 3, column: 1, message: 'wrong' }] }

/** A clock whose only timer is let off by hand. */
function manualClock() {
  let waiting: (() => void) | undefined
  const clock: Clock = {
    ...systemClock,
    after: (_ms, callback) => {
      waiting = callback
      return () => {
        if (waiting === callback) waiting = undefined
      }
    },
  }
  return { clock, isWaiting: () => waiting !== undefined, ring: () => waiting?.() }
}

function setUp(results: ReadResult[]) {
  const told: { policies: string[]; problems: PackProblem[]; reads: number } = { policies: [], problems: [], reads: 0 }
  let notices: Parameters<Notice>[1] | undefined
  let stopped = false
  const time = manualClock()
  const watch = watchPacks({
    folder: '/packs',
    current: policy('first'),
    clock: time.clock,
    read: () => {
      told.reads++
      const next = results.shift()
      return next === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(next)
    },
    onPolicy: (made) => told.policies.push(made.packs[0]?.name ?? ''),
    onProblems: (problems) => told.problems.push(...problems),
    notice: (_folder, callbacks) => {
      notices = callbacks
      return () => {
        stopped = true
      }
    },
  })
  return { watch, told, time, changed: () => notices?.changed(), lost: () => notices?.lost(), isStopped: () => stopped }
}

test('a changed folder replaces the policy', async () => {
  const { watch, told } = setUp([good(policy('second'))])
  await watch.reload()
  assert.deepEqual(told.policies, ['second'])
})

test('a broken folder never replaces the policy, and its problems are told', async () => {
  const { watch, told } = setUp([broken])
  await watch.reload()
  assert.deepEqual(told.policies, [])
  assert.deepEqual(told.problems, broken.problems)
})

test('a folder that reads as before changes nothing', async () => {
  const { watch, told } = setUp([good(policy('first')), good(policy('second')), good(policy('second'))])
  for (let i = 0; i < 3; i++) await watch.reload()
  assert.deepEqual(told.policies, ['second'])
})

test('a reading that fails is told and the next one works', async () => {
  const { watch, told } = setUp([])
  await watch.reload()
  assert.match(told.problems[0]?.message ?? '', /could not be read anew/)
  assert.equal(told.reads, 1)
})

test('a burst of changes is read once, after it is over', async () => {
  const { watch, told, time, changed } = setUp([good(policy('second')), good(policy('third'))])
  changed()
  changed()
  changed()
  assert.equal(told.reads, 0)
  time.ring()
  await watch.reload()
  assert.deepEqual([told.reads, told.policies], [2, ['second', 'third']])
})

test('readings follow one another in order', async () => {
  const { watch, told } = setUp([good(policy('second')), broken, good(policy('third'))])
  await Promise.all([watch.reload(), watch.reload(), watch.reload()])
  assert.deepEqual(told.policies, ['second', 'third'])
})

test('a folder that can no longer be watched is told', () => {
  const { told, lost } = setUp([])
  lost()
  assert.match(told.problems[0]?.message ?? '', /no longer watched; send SIGHUP/)
})

test('after close nothing is read and nothing is told', async () => {
  const { watch, told, time, changed, isStopped } = setUp([good(policy('second'))])
  changed()
  const running = watch.reload()
  watch.close()
  await running
  assert.deepEqual([time.isWaiting(), isStopped(), told.policies], [false, true, []])
})

test('the machine tells of a written file', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'watch-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const seen = await new Promise<string>((resolve) => {
    const watch = watchPacks({
      folder,
      current: policy('first'),
      clock: { ...systemClock, after: (_ms, callback) => systemClock.after(1, callback) },
      read: () => Promise.resolve(good(policy('second'))),
      onPolicy: (made) => {
        watch.close()
        resolve(made.packs[0]?.name ?? '')
      },
      onProblems: () => undefined,
    })
    writeFileSync(path.join(folder, 'a.yaml'), 'name: a')
  })
  assert.equal(seen, 'second')
})
