import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { ApprovalEvent } from '../../src/approvals/approvals.ts'
import type { Config } from '../../src/config/load.ts'
import type { HoldTerms } from '../../src/model/verdict.ts'
import { Secret } from '../../src/std/secret.ts'
import { openMessages, type Messages } from '../../src/wiring/messages.ts'
import { approval, FACTS } from '../http/world.ts'
import { scratchStore } from '../store/scratch.ts'

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
  const config = {
    ...{ publicUrl: 'https://countersign.example', notify, egress: { hosts: [], allowPrivate: false } },
    limits: { messagesPerHour: 2 },
  } as unknown as Config
  const errors: unknown[] = []
  const quiet = (): void => undefined
  const log = { info: quiet, warn: quiet, error: (fields: object) => void errors.push(fields) }
  const open = (): Messages =>
    openMessages({ config, store: scratch.store, clock: scratch.clock, log, factsOf: () => [FACTS] })
  return { messages: open(), open, got, errors, config, ...scratch }
}

/** Until every delivery about it has left or failed. */
async function settled(messages: Messages, subject: string, count: number) {
  for (;;) {
    const found = await messages.deliveries(subject)
    if (found.length >= count && found.every(({ state, attempts }) => state !== 'waiting' || attempts > 0)) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const about = (id: string, kind: ApprovalEvent['kind'], more: Partial<HoldTerms> = {}): ApprovalEvent => {
  const [terms] = approval().holds
  assert.ok(terms)
  return { kind, approval: approval({ id: id as never, holds: [{ ...terms, ...more }] }) }
}

test('a rule chooses its channel, an escalation its own, and each approval shows what became of its messages', async (t) => {
  const { messages, got, errors } = await site(t)
  const notify = ['oncall']
  messages.tell(about('a_1', 'opened', { notify }))
  await settled(messages, 'approval:a_1', 1)
  const escalation = { afterMs: 1, from: ['security'] as const, notify: ['duty'] }
  messages.tell({ ...about('a_1', 'escalated', { notify }), escalation })
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
  assert.match(got[1]?.body ?? '', /alice asks security to countersign a statement on cards/)
  assert.deepEqual(errors, [])
})

test('a person who asks too often is told of once, and what was left out is shown as such', async (t) => {
  const { messages, got } = await site(t)
  for (const id of ['a_1', 'a_2', 'a_3', 'a_4']) messages.tell(about(id, 'opened', { notify: ['oncall'] }))
  const [left] = await settled(messages, 'approval:a_4', 1)
  assert.deepEqual([left?.state, left?.attempts], ['failed', 0])
  assert.match(left?.reason ?? '', /left out: this person has asked too often/)
  await settled(messages, 'person:alice', 1)
  const kinds = got.map(({ body }) => (JSON.parse(body) as { kind: string }).kind)
  assert.deepEqual(kinds.sort(), ['approval.opened', 'approval.opened', 'messages.flood'])
})

test('a receiver that is down is tried again by the next process', async (t) => {
  const down = await site(t, { status: 503 })
  down.messages.tell(about('a_1', 'opened', { notify: ['oncall'] }))
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

test("a request that a rule answered by itself is nobody's message", async (t) => {
  const { messages } = await site(t)
  messages.tellRequest({
    kind: 'settled',
    notify: [],
    request: { id: 'r_1', person: 'alice', target: 'cards', stages: [] } as never,
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(await messages.deliveries('request:r_1'), [])
})
