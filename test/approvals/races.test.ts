import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { ApprovalId } from '../../src/model/ids.ts'
import { openStore } from '../../src/store/open-store.ts'
import { admin, scratchFolder } from '../store/scratch.ts'
import { answer, hall, MINUTE, terms } from './hall.ts'

const MANY = { openPerPerson: 2000, openPerTarget: 2000, perPersonAndHour: 5000 }

/** A small generator, so that a failing order can be run again. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

test('a thousand raced holds each have one end, at most one claim, and an end that fits what was answered', async (context) => {
  const { approvals, open, clock, store } = await hall(context, { quotas: MANY, threaded: true })
  const next = random(20261122)
  const holds = await Promise.all(Array.from({ length: 1000 }, () => open()))
  const claims = new Map<ApprovalId, number>()
  const ends = new Map<ApprovalId, string>()
  const claim = async (id: ApprovalId) => {
    if (await approvals.claim(id, 'node-1')) claims.set(id, (claims.get(id) ?? 0) + 1)
  }
  for (const hold of holds) void hold.settled.then((settled) => ends.set(hold.id, settled.state))
  const expire = async (id: ApprovalId) => {
    const note = {
      kind: 'x',
      at: clock.now(),
      by: 'system',
      origin: 'local',
      outcome: 'done',
      resource: id,
      detail: {},
    }
    await store.approvals.settle({ id, to: 'expired', reason: 'timer', note })
  }
  const moves = holds.flatMap(({ id }) => [
    () => approvals.decide(answer(id, 'bob')),
    () => approvals.decide(answer(id, 'carol', next() < 0.5 ? { kind: 'deny' } : {})),
    async () => next() < 0.3 && (await approvals.withdraw(id, 'withdrawn', { ...admin, reason: 'Ctrl-C' })),
    async () => next() < 0.3 && (await expire(id)),
    () => claim(id),
    () => claim(id),
    () => claim(id),
  ])
  await Promise.all(shuffled(moves, next).map((move) => move()))
  await approvals.reconcile()
  const states = new Map<string, number>()
  for (const { id } of holds) {
    const state = (await approvals.get(id))?.state ?? 'missing'
    states.set(state, (states.get(state) ?? 0) + 1)
    const claimed = claims.get(id) ?? 0
    assert.equal(claimed, state === 'executing' ? 1 : 0, `${id} is ${state}`)
    const told = ends.get(id)
    // Who was told of a quorum may still have been overtaken before the claim; every other word is final.
    if (told !== 'approved') assert.equal(told === 'void' && state === 'executing' ? 'executing' : told, state)
    else assert.ok(['approved', 'executing', 'denied', 'withdrawn', 'expired', 'void'].includes(state), state)
  }
  for (const state of ['executing', 'denied', 'withdrawn', 'expired'])
    assert.ok((states.get(state) ?? 0) > 10, `${state} never won`)
})

test('of a hundred parallel claims of one quorum one succeeds', async (context) => {
  const { approvals, open, store, clock } = await hall(context, { threaded: true })
  const { id } = await open()
  await approvals.decide(answer(id, 'bob'))
  const note = { kind: 'x', at: 1, by: 'system', origin: 'local', outcome: 'done', resource: 'x', detail: {} }
  const claims = Array.from({ length: 100 }, (_, n) =>
    store.approvals.claim({ id, fence: `node-${n}`, now: clock.now(), note }),
  )
  const won = (await Promise.all(claims)).flatMap((claimed, n) => (claimed ? [`node-${n}`] : []))
  assert.equal(won.length, 1)
  assert.equal((await approvals.get(id))?.fence, won[0])
})

test('two processes on one store give one quorum one claim', async (context) => {
  const { approvals, open, store, clock, scratch } = await hall(context, { quotas: MANY, threaded: true })
  const other = await openStore({ path: scratch.path, onFailure: () => assert.fail('lost') })
  const note = { kind: 'x', at: 1, by: 'system', origin: 'local', outcome: 'done', resource: 'x', detail: {} }
  for (let round = 0; round < 20; round += 1) {
    const { id } = await open()
    await approvals.decide(answer(id, 'bob'))
    const tries = [store, other, store, other].map((one) =>
      one.approvals.claim({ id, fence: 'f', now: clock.now(), note }),
    )
    assert.equal((await Promise.all(tries)).filter(Boolean).length, 1)
  }
  await other.close()
})

test('a hundred parallel approvals of two persons make one quorum of two', async (context) => {
  const { approvals, open, events } = await hall(context, { threaded: true })
  const { id, settled } = await open({ holds: [terms(['approver'], 2)] })
  const answers = Array.from({ length: 100 }, (_, n) => approvals.decide(answer(id, n % 2 ? 'bob' : 'carol')))
  const outcomes = await Promise.all(answers)
  assert.equal(outcomes.filter((one) => one.outcome === 'recorded' && !one.repeated).length, 2)
  assert.equal((await settled).state, 'approved')
  assert.equal((await approvals.get(id))?.decisions.length, 2)
  assert.equal(events.filter((event) => event.kind === 'decided').length, 2)
})

test('killed between claim and end: unknown, never again claimable; what waited is void', async (context) => {
  const file = path.join(scratchFolder(context), 'store.db')
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'claim-and-wait.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const ids: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(...line.split(' '))
    child.kill('SIGKILL')
  }
  assert.deepEqual(await exited, [null, 'SIGKILL'])
  const store = await openStore({ path: file, onFailure: () => assert.fail('lost') })
  const recovered = await store.approvals.recover({ at: 5 })
  assert.deepEqual(
    new Map(recovered.map((one) => [one.id, one.state])),
    new Map([
      [ids[0], 'unknown'],
      [ids[1], 'void'],
      [ids[2], 'void'],
    ]),
  )
  const note = { kind: 'x', at: 1, by: 'system', origin: 'local', outcome: 'done', resource: 'x', detail: {} }
  for (const { id } of recovered) assert.equal(await store.approvals.claim({ id, fence: 'again', now: 1, note }), false)
  assert.deepEqual(await store.approvals.recover({ at: 6 }), [])
  assert.equal((await store.sessions.endCrashed({ at: 7 })).length, 1)
  await store.close()
})

test('after a crash the approvals of the new process do not run the old ones', async (context) => {
  const { approvals, open, clock, state } = await hall(context, { threaded: true })
  const { id } = await open()
  await approvals.decide(answer(id, 'bob'))
  await approvals.claim(id, 'node-1')
  clock.advance(MINUTE)
  const recovered = await approvals.recoverAfterCrash()
  assert.deepEqual(
    recovered.map((one) => one.state),
    ['unknown'],
  )
  assert.equal(await approvals.finish(id, 'done'), false)
  assert.equal(await state(id), 'unknown')
})
