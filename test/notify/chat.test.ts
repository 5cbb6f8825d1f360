import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Channel } from '../../src/notify/channel.ts'
import { createOutbox } from '../../src/notify/outbox.ts'
import { createSlack } from '../../src/notify/slack.ts'
import { createTeams } from '../../src/notify/teams.ts'
import { scratchStore } from '../store/scratch.ts'
import { notices } from './hostile.ts'

interface Answer {
  /** 0 never answers. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A receiver on this machine that answers in this order, and then with the last one. */
async function receiver(t: TestContext, answers: readonly Answer[]) {
  const got: { readonly type: string | undefined; readonly body: unknown }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ type: request.headers['content-type'], body: JSON.parse(Buffer.concat(chunks).toString()) as unknown })
      const { status, headers = {} } = answers[Math.min(got.length, answers.length) - 1] ?? { status: 200 }
      if (status !== 0) response.writeHead(status, headers).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { got, url: new URL(`http://127.0.0.1:${port}/services/T0/B0/key`) }
}

const REACH = { privateAddresses: false, loopbackHttp: true }
const MAKERS = { slack: createSlack, teams: createTeams } as const

/** Everything that the node itself uses but the clock: a real store, real sockets. */
function outboxOf(t: TestContext, channel: Channel) {
  const { store, clock } = scratchStore(t)
  const faults: unknown[] = []
  let id = 0
  const outbox = createOutbox({
    ...{ store: store.outbox, clock, channels: [channel], newId: () => `m_${(id += 1)}`, random: Math.random },
    ...{ onFault: (error) => faults.push(error), hourly: 20, flood: () => notices('x')[0] ?? raise() },
  })
  /** A change that has committed and that nobody was told of. */
  const owed = async (): Promise<number> => {
    const note = { kind: 'stop.ordered', at: 0, by: 'dan', origin: 'local', outcome: 'done', resource: 'everything' }
    await store.journal.append({ note: { ...note, detail: {} } })
    return (await store.outbox.tidings({ limit: 100 })).at(-1)?.sequence ?? raise()
  }
  return { outbox, clock, faults, owed }
}

const raise = (): never => {
  throw new Error('no notice')
}

for (const [kind, make] of Object.entries(MAKERS)) {
  test(`${kind}: the body arrives as it was composed`, async (t) => {
    const { got, url } = await receiver(t, [{ status: kind === 'teams' ? 202 : 200 }])
    const channel = make({ name: kind, url, reach: REACH })
    const [notice = raise()] = notices('payments')
    const body = channel.compose(notice, 'm_1')
    assert.deepEqual(await channel.send({ id: 'm_1', body }), { outcome: 'delivered' })
    assert.deepEqual(got, [{ type: 'application/json', body: JSON.parse(body) as unknown }])
  })

  test(`${kind}: a receiver that breaks and one that hangs are tried again with a pause, and then it is delivered`, async (t) => {
    const { got, url } = await receiver(t, [{ status: 500 }, { status: 0 }, { status: 200 }])
    const { outbox, clock, faults, owed } = outboxOf(t, make({ name: kind, url, reach: REACH, timeoutMs: 50 }))
    const [notice = raise()] = notices('payments')
    await outbox.post(await owed(), [{ notice, channels: [] }])
    const state = async () => (await outbox.about('approval:a_abcdefghij01'))[0]
    for (const [attempts, reason] of [
      [1, 'status 500'],
      [2, 'no answer in time'],
    ] as const) {
      const row = await until(state, (one) => one?.attempts === attempts)
      assert.deepEqual([row?.state, row?.reason], ['waiting', reason])
      await until(
        () => Promise.resolve(clock.timers),
        (timers) => timers === 1,
      )
      clock.advance((row?.nextAt ?? 0) - clock.now())
    }
    const row = await until(state, (one) => one?.attempts === 3)
    assert.deepEqual([row?.state, row?.reason, row?.deliveredAt], ['delivered', undefined, clock.now()])
    assert.equal(got.length, 3)
    assert.deepEqual(faults, [])
    await outbox.stop()
  })

  test(`${kind}: a redirect to a metadata service ends it`, async (t) => {
    const { got, url } = await receiver(t, [{ status: 307, headers: { Location: 'http://169.254.169.254/' } }])
    const sent = await make({ name: kind, url, reach: REACH }).send({ id: 'm_1', body: '{}' })
    assert.deepEqual(sent, { outcome: 'refused', reason: 'status 307: redirects are not followed' })
    assert.equal(got.length, 1)
  })
}

/** Looks again after everything that is under way has moved on. */
async function until<T>(look: () => Promise<T>, fits: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await look()
    if (fits(found)) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}
