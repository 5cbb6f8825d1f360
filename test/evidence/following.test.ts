import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AGAIN_MS,
  BEAT_MS,
  BEHIND_MS,
  BURST_MS,
  CATCH_UP_MS,
  Following,
  HURRY_MS,
  PRESSED_SHARE,
  SHARE,
} from '../../src/evidence/following.ts'

/** A thread that does nothing else: each slice takes `sliceMs`, and `slices` of them wait. Its time moves as it works and sleeps. */
function thread(start: { slices: number; sliceMs?: number }) {
  const world = { now: 0, worked: 0, rounds: 0, slices: start.slices, fault: false, pressed: false, troubles: 0 }
  let due: { at: number; callback: () => void }[] = []
  const after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: world.now + ms, callback }
    due.push(timer)
    return () => (due = due.filter((other) => other !== timer))
  }
  const following = new Following({
    step() {
      if (world.fault) throw new Error('no such file')
      if (world.slices === 0) {
        world.rounds += 1
        return false
      }
      world.slices -= 1
      world.now += start.sliceMs ?? 5
      world.worked += start.sliceMs ?? 5
      return true
    },
    monoMicros: () => world.now * 1000,
    after,
    soon: (callback) => void after(0, callback),
    isPressed: () => world.pressed,
    onTrouble: () => (world.troubles += 1),
  })
  const run = (ms: number): void => {
    for (const end = world.now + ms; ;) {
      const next = due.reduce((first, one) => (one.at < first.at ? one : first), {
        at: Infinity,
        callback: () => undefined,
      })
      if (next.at > end) {
        world.now = Math.max(world.now, end)
        return
      }
      due = due.filter((one) => one !== next)
      world.now = Math.max(world.now, next.at)
      next.callback()
    }
  }
  following.start()
  return { following, world, run }
}

test('while nobody asks, following takes no more than its share of a core however much there is to read', () => {
  const { world, run } = thread({ slices: Infinity })
  run(60_000)
  assert.ok(world.worked <= 60_000 * SHARE + 2 * BURST_MS, `${world.worked} ms of 60000`)
  assert.ok(world.worked >= 60_000 * SHARE * 0.9, `${world.worked} ms of 60000`)
})

test('while sessions keep the process busy, following takes less, and as soon as they are done its share again', () => {
  const { world, run } = thread({ slices: Infinity })
  world.pressed = true
  run(60_000)
  assert.ok(world.worked <= 60_000 * PRESSED_SHARE + 2 * BURST_MS, `${world.worked} ms of 60000`)
  assert.ok(world.worked >= 60_000 * PRESSED_SHARE * 0.9, `${world.worked} ms of 60000`)
  world.pressed = false
  const before = world.worked
  run(60_000)
  assert.ok(world.worked - before >= 60_000 * SHARE * 0.9, `${world.worked - before} ms of 60000`)
})

test('where there is little to read, it is read at every beat and without a pause', () => {
  const { world, run, following } = thread({ slices: 0 })
  world.slices = 3
  run(BEAT_MS + 15)
  assert.equal(world.slices, 0)
  assert.equal(world.rounds, 2)
  assert.equal(following.isBehind, false)
})

test('a question about what stood back makes it catch up at full speed, and waits for that no longer than a moment', () => {
  const { following, world, run } = thread({ slices: Infinity })
  run(BEHIND_MS + 1000)
  assert.equal(following.isBehind, true)
  const [asked, worked] = [world.now, world.worked]
  let answered = 0
  following.ask(() => (answered = world.now))
  run(CATCH_UP_MS + 100)
  assert.ok(answered - asked >= CATCH_UP_MS && answered - asked < CATCH_UP_MS + 10, `${answered - asked} ms`)
  assert.ok(world.worked - worked >= CATCH_UP_MS, `${world.worked - worked} ms of work`)
})

test('an answer comes as soon as everything is read, and is complete then', () => {
  const { following, world, run } = thread({ slices: 1000 })
  run(BEHIND_MS + 1000)
  world.slices = 20
  let isBehind: boolean | undefined
  const asked = world.now
  following.ask(() => (isBehind = following.isBehind))
  run(150)
  assert.equal(isBehind, false)
  assert.ok(world.now - asked < CATCH_UP_MS)
})

test('where it keeps up, a question is answered at once', () => {
  const { following, run } = thread({ slices: 2 })
  run(100)
  let answers = 0
  following.ask(() => (answers += 1))
  assert.equal(answers, 1)
})

test('the hurry of one question ends though reading never does', () => {
  const { following, world, run } = thread({ slices: Infinity })
  run(BEHIND_MS + 1000)
  following.ask(() => undefined)
  run(HURRY_MS + 1000)
  const before = world.worked
  run(10_000)
  assert.ok(world.worked - before <= 10_000 * SHARE + 2 * BURST_MS, `${world.worked - before} ms of 10000`)
})

test('a refresh in the middle of a round waits for the end of the next one', () => {
  const { following, world, run } = thread({ slices: 100 })
  run(10)
  let rounds = 0
  following.refresh(() => (rounds = world.rounds))
  run(2000)
  assert.equal(rounds, 2)
})

test('trouble answers who waits, is told once, and is tried again at its time whoever asks', () => {
  const { following, world, run } = thread({ slices: Infinity })
  run(BEHIND_MS + 1000)
  world.fault = true
  let answers = 0
  following.refresh(() => (answers += 1))
  run(100)
  for (let at = 0; at < 5; at += 1) following.ask(() => (answers += 1))
  run(AGAIN_MS - 200)
  assert.deepEqual([answers, world.troubles], [6, 1])
  run(200)
  assert.equal(world.troubles, 2)
})

test('nothing more is read once it is stopped', () => {
  const { following, world, run } = thread({ slices: Infinity })
  run(100)
  following.stop()
  const { worked } = world
  run(10_000)
  assert.equal(world.worked, worked)
})
