import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createStops } from '../../src/access/stops.ts'
import { noteOf } from '../../src/approvals/note.ts'
import type { Config } from '../../src/config/load.ts'
import type { Approval } from '../../src/approvals/approval.ts'
import type { ApprovalId } from '../../src/model/ids.ts'
import type { HoldTerms } from '../../src/model/verdict.ts'
import { Secret } from '../../src/std/secret.ts'
import { openMessages, type Messages } from '../../src/wiring/messages.ts'
import { digest } from '../approvals/hall.ts'
import { approval, FACTS } from '../http/world.ts'
import { admin, grantsOf, scratchStore, scrub, seedGrant, seedPeople } from '../store/scratch.ts'

/** Two channels at one receiver, told apart by their path. */
async function site(t: TestContext, more: { readonly status?: number } = {}) {
  const got: { readonly path: string; readonly body: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() })
      response.writeHead(more.status ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = (path: string): URL => new URL(`http://127.0.0.1:${port}/${path}`)
  const notify: Config['notify'] = [
    { name: 'oncall', kind: 'webhook', url: url('oncall'), secret: new Secret('shared') },
    { name: 'duty', kind: 'slack', url: url('duty') },
  ]
  const scratch = scratchStore(t)
  await seedPeople(scratch, { bob: ['approver'] })
  const config = {
    ...{ publicUrl: 'https://countersign.example', notify, egress: { hosts: [], allowPrivate: false } },
    limits: { messagesPerHour: 2 },
  } as unknown as Config
  const errors: unknown[] = []
  const quiet = (): void => undefined
  const log = { info: quiet, warn: quiet, error: (fields: object) => void errors.push(fields) }
  const open = (): Messages => openMessages({ config, store: scratch.store, clock: scratch.clock, log })
  /** As the state machine opens a hold: the process may die right after. */
  const held = async (id: string, terms: Partial<HoldTerms> = {}): Promise<Approval> => {
    const [rule] = approval().holds
    assert.ok(rule)
    const now = scratch.clock.now()
    const wanted = { id: id as ApprovalId, digest, holds: [{ ...rule, ...terms }], createdAt: now }
    const opened = approval({ ...wanted, expiresAt: now + 900_000 })
    const note = noteOf(opened, { kind: 'approval.opened', at: now, by: opened.person, origin: '10.0.0.1' })
    const quotas = { openPerPerson: 9, openPerTarget: 9, perPersonAndHour: 9 }
    assert.equal(await scratch.store.approvals.open({ approval: opened, quotas, note }), 'opened')
    return opened
  }
  const said = () => scratch.store.outbox.recent({ limit: 100 })
  return { messages: open(), open, held, said, got, errors, config, ...scratch }
}

/** Until every delivery about it has left or failed. */
async function settled(messages: Messages, subject: string, count: number) {
  for (;;) {
    const found = await messages.deliveries(subject)
    if (found.length >= count && found.every(({ state, attempts }) => state !== 'waiting' || attempts > 0)) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const once = async (messages: Messages, subject: string): Promise<readonly string[]> =>
  (await messages.deliveries(subject)).map(({ message, channel }) => `${message} ${channel}`)

test('a rule chooses its channel, an escalation its own, and each approval shows what became of its messages', async (t) => {
  const { messages, held, store, clock, got, errors } = await site(t)
  const escalation = [{ afterMs: 60_000, from: ['security'] as const, notify: ['duty'] }]
  const { id } = await held('a_1', { notify: ['oncall'], escalation })
  messages.remember(id, [FACTS])
  await messages.relay()
  await settled(messages, 'approval:a_1', 1)
  clock.advance(60_000)
  await store.approvals.escalate({ now: clock.now(), limit: 10 })
  await messages.relay()
  const found = await settled(messages, 'approval:a_1', 2)
  assert.deepEqual(
    found.map(({ channel, kind, message, state, attempts, reason }) => [
      channel,
      kind,
      message,
      state,
      attempts,
      reason,
    ]),
    [
      ['oncall', 'webhook', 'approval.opened', 'delivered', 1, undefined],
      ['duty', 'slack', 'approval.escalated', 'delivered', 1, undefined],
    ],
  )
  assert.deepEqual(
    got.map(({ path }) => path),
    ['/oncall', '/duty'],
  )
  assert.match(got[0]?.body ?? '', /"tables":\["public\.payments"\]/)
  assert.match(got[1]?.body ?? '', /alice asks security to countersign a statement on cards/)
  assert.deepEqual(errors, [])
})

test('a process that dies between a change and its messages loses none, and the next one tells each channel once', async (t) => {
  const { open, held, store, clock } = await site(t)
  const { id } = await held('a_1')
  const answer = { id, person: 'bob' as never, roles: ['approver' as const], service: false, digest, factorFresh: true }
  const said = { ...answer, kind: 'deny' as const, reason: 'no', origin: '10.0.0.9' }
  assert.equal((await store.approvals.decide({ answer: said, now: clock.now() })).outcome, 'recorded')
  const next = open()
  next.outbox.start()
  // Asked for twice, and by two at once, as a start and a beat do.
  await Promise.all([next.relay(), next.relay(), open().relay()])
  const both = (kind: string): readonly string[] => [`${kind} oncall`, `${kind} duty`]
  // A denial is one message: it says the state, and nobody is told the same twice at once.
  assert.deepEqual(await once(next, 'approval:a_1'), [...both('approval.opened'), ...both('approval.decided')])
  assert.deepEqual(await store.outbox.tidings({ limit: 10 }), [])
  await next.relay()
  assert.equal((await once(next, 'approval:a_1')).length, 4)
  await next.outbox.stop()
})

test('what cannot be stored yet is told when the store is back, once', async (t) => {
  const { config, store, clock, held, errors } = await site(t)
  await held('a_1', { notify: ['oncall'] })
  let broken = true
  const add: typeof store.outbox.add = (input) =>
    broken ? Promise.reject(new Error('disk full')) : store.outbox.add(input)
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push(fields) }
  const shaky = openMessages({ config, store: { ...store, outbox: { ...store.outbox, add } }, clock, log })
  await shaky.relay()
  assert.deepEqual([await once(shaky, 'approval:a_1'), errors.length], [[], 1])
  broken = false
  await shaky.relay()
  assert.deepEqual(await once(shaky, 'approval:a_1'), ['approval.opened oncall'])
  await shaky.outbox.stop()
})

test('a person who asks too often is told of once, and what was left out is shown as such', async (t) => {
  const { messages, held, got } = await site(t)
  for (const id of ['a_1', 'a_2', 'a_3', 'a_4']) await held(id, { notify: ['oncall'] })
  await messages.relay()
  const [left] = await settled(messages, 'approval:a_4', 1)
  assert.deepEqual([left?.state, left?.attempts], ['failed', 0])
  assert.match(left?.reason ?? '', /left out: this person has asked too often/)
  await settled(messages, 'person:alice', 1)
  const kinds = got.map(({ body }) => (JSON.parse(body) as { kind: string }).kind)
  assert.deepEqual(kinds.sort(), ['approval.opened', 'approval.opened', 'messages.flood'])
})

test('a receiver that is down is tried again by the next process', async (t) => {
  const down = await site(t, { status: 503 })
  await down.held('a_1', { notify: ['oncall'] })
  await down.messages.relay()
  const [first] = await settled(down.messages, 'approval:a_1', 1)
  assert.deepEqual([first?.state, first?.reason, first?.attempts], ['waiting', 'status 503', 1])
  await down.messages.outbox.stop()
  down.clock.advance(60_000)
  const next = down.open()
  next.outbox.start()
  while (down.got.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(down.got[0]?.body, down.got[1]?.body)
  await next.outbox.stop()
})

test('the end of a grant and the kill switch are told with whose it was and what it ended, never with the reason', async (t) => {
  const scratch = await site(t)
  const { messages, store, clock } = scratch
  await seedPeople(scratch, { alice: ['engineer'] })
  const grant = await seedGrant(scratch, 'alice')
  await grantsOf(scratch).revoke(grant.id, admin, 'a secret reason')
  await grantsOf(scratch).revoke(grant.id, admin)
  const stops = createStops({ store: store.stops, clock, scrub })
  await stops.order({ scope: 'target', name: 'cards', reason: 'a secret reason' }, admin)
  await stops.order({ scope: 'person', name: 'nobody', reason: 'x' }, admin)
  await stops.resume({ scope: 'target', name: 'cards', reason: 'x' }, admin)
  await messages.relay()
  const about = await settled(messages, `grant:${grant.id}`, 2)
  assert.deepEqual(
    about.map(({ message }) => message),
    ['grant.revoked', 'grant.revoked'],
  )
  const all = await scratch.said()
  const told = all.filter(({ channel }) => channel === 'oncall').map(({ body }) => JSON.parse(body) as Told)
  assert.deepEqual(
    told.map(({ kind, person, target, facts }) => [kind, person, target, facts.at(-1)?.text]).toSorted(),
    [
      ['grant.revoked', 'alice', 'cards', grant.id],
      ['stop.lifted', null, 'cards', 'target'],
      ['stop.ordered', null, 'cards', '0 sessions, 0 holds, 0 grants, 0 credentials'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(all), /secret reason/)
  await messages.outbox.stop()
})

interface Told {
  readonly kind: string
  readonly person: string | null
  readonly target: string | null
  readonly facts: readonly { readonly text: string }[]
}
