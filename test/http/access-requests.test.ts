import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName, targetName } from '../../src/model/ids.ts'
import { accessRequest, GRANT, REQUEST } from './request-desk.ts'
import { call, json, world } from './world.ts'
import type { World } from './world.ts'

const BASE = '/api/v1/access-requests'
const AT = `${BASE}/${REQUEST}`
const WISH = { target: 'cards', forMs: 1_800_000, reason: 'a stuck payment', ticket: 'OPS-12' }

const ask = (app: World['app'], who: string, changes: object = {}) =>
  call(app, who, { path: BASE, body: { ...WISH, ...changes } })
const approve = (app: World['app'], who: string, body: object) => call(app, who, { path: `${AT}/approve`, body })

test('a request says what is asked, of whom, and where the answer is given', async () => {
  const { app } = world()
  const said = await json(await ask(app, 'alice'))
  assert.deepEqual(
    [said['state'], said['person'], said['target'], said['forMs'], said['reason'], said['ticket'], said['grant']],
    ['open', 'alice', 'cards', 1_800_000, 'a stuck payment', 'OPS-12', null],
  )
  assert.deepEqual(said['stages'], [
    { from: ['approver'], need: 1, approved: 0, state: 'asked', notify: [], escalates: [] },
  ])
  assert.equal(said['link'], `https://countersign.example/access-requests/${String(said['id'])}`)
  assert.deepEqual([said['mayApprove'], said['mayDeny']], [false, false])
})

test('what a rule grants is granted in the answer', async () => {
  const { app } = world()
  const said = await json(await ask(app, 'alice', { target: 'other' }))
  assert.deepEqual([said['state'], said['grant'], said['rule']], ['granted', GRANT, 'access/working-hours'])
})

test('whoever asks may ask for less than everything, and whoever decides sees it', async () => {
  const { app } = world()
  const said = await json(await ask(app, 'alice', { rights: 'read' }))
  assert.equal(said['rights'], 'read')
  const seen = await json(await call(app, 'bob', { path: `/api/v1/access-requests/${String(said['id'])}` }))
  assert.equal(seen['rights'], 'read')
})

const wrong: readonly [name: string, changes: object, status: number, code: string][] = [
  ['a target that is none', { target: 'nowhere' }, 404, 'not-found'],
  ['no name of a target', { target: '../x' }, 400, 'invalid'],
  ['more than rules allow', { forMs: 7_200_001 }, 422, 'too-long'],
  ['more than anything allows', { forMs: 86_400_000 }, 400, 'invalid'],
  ['seconds for milliseconds', { forMs: 1800 }, 400, 'invalid'],
  ['no reason', { reason: '  ' }, 400, 'invalid'],
  ['a long reason', { reason: 'x'.repeat(2001) }, 400, 'invalid'],
  ['a reason of five megabytes', { reason: 'x'.repeat(5_000_000) }, 413, 'too-large'],
  ['somebody else', { person: 'bob' }, 400, 'invalid'],
  ['rights that are none', { rights: 'root' }, 400, 'invalid'],
]

test('a wish that cannot be kept is one clear problem', async () => {
  const { app, desk } = world()
  for (const [name, changes, status, code] of wrong) {
    const response = await ask(app, 'alice', changes)
    assert.deepEqual([response.status, (await json(response))['code']], [status, code], name)
  }
  assert.equal(desk.rows.size, 1)
  assert.equal((await json(await ask(app, 'alice', { forMs: 7_200_001 })))['longestMs'], 7_200_000)
})

test('an approval spends one code on this one request, and may shorten', async () => {
  const { app, state } = world()
  const said = await json(await approve(app, 'bob', { factor: '100001', forMs: 600_000, reason: 'ten minutes do' }))
  assert.deepEqual([said['state'], said['grant']], ['granted', GRANT])
  assert.deepEqual(said['decisions'], [
    {
      ...{ person: 'bob', kind: 'approve', stage: 0, forMs: 600_000 },
      ...{ reason: 'ten minutes do', at: '2026-11-22T00:00:00.000Z', gone: false },
    },
  ])
  assert.deepEqual(state.purposes, [`approve ${REQUEST}`])
})

test('a decision without a right code changes nothing, and one that cannot count spends none', async () => {
  const { app, state, desk } = world()
  const code = async (who: string, body: object) => (await json(await approve(app, who, body)))['code']
  assert.equal(await code('bob', { factor: '900001' }), 'factor-refused')
  state.purposes.length = 0
  assert.equal(await code('alice', { factor: '100001' }), 'own-request')
  assert.equal(await code('carol', { factor: '100001' }), 'forbidden')
  assert.equal(await code('bob', { factor: '100001', forMs: 1_800_001 }), 'invalid')
  assert.equal(await code('bob', {}), 'invalid')
  assert.equal(await code('bob', { factor: '100001', person: 'erin' }), 'invalid')
  assert.deepEqual([state.purposes, desk.rows.get(REQUEST)?.state], [[], 'open'])
})

test('a double click decides once, and whoever comes later is told the state', async () => {
  const { app, state } = world()
  const [first, second] = await Promise.all(['100001', '100002'].map((factor) => approve(app, 'bob', { factor })))
  assert.deepEqual([first?.status, second?.status], [200, 200])
  assert.equal((await approve(app, 'bob', { factor: '100003' })).status, 200)
  const late = await json(await call(app, 'erin', { path: `${AT}/deny`, body: { reason: 'no', factor: '100004' } }))
  assert.deepEqual([late['status'], late['code'], late['state']], [409, 'settled', 'granted'])
  assert.equal(state.purposes.includes(`deny ${REQUEST}`), false)
})

test('a passkey is as good as a code', async () => {
  const { app } = world()
  const response = { clientDataJSON: 'YQ', authenticatorData: 'YQ', signature: 'YQ' }
  const factor = { id: 'key-of-bob', rawId: 'key-of-bob', type: 'public-key', response }
  assert.equal((await approve(app, 'bob', { factor })).status, 200)
})

test('lists show to each what they may see', async () => {
  const { app, desk } = world()
  const foreign = accessRequest({
    ...{ id: 'r_other00000001' as typeof REQUEST, person: personName('mallory'), target: targetName('other') },
    ...{ stages: [], state: 'granted' },
  })
  desk.rows.set(foreign.id, foreign)
  const ids = async (who: string, query = '') => {
    const { requests } = await json(await call(app, who, { path: `${BASE}${query}` }))
    return Array.isArray(requests) ? requests.map((one: { id: string }) => one.id).toSorted() : []
  }
  assert.deepEqual(await ids('alice'), [REQUEST])
  assert.deepEqual(await ids('bob'), [REQUEST])
  assert.deepEqual(await ids('mallory'), [foreign.id])
  assert.deepEqual(await ids('dan'), [])
  assert.deepEqual(await ids('carol'), [REQUEST, foreign.id].toSorted())
  assert.deepEqual(await ids('carol', '?state=granted'), [foreign.id])
  assert.deepEqual(await ids('carol', '?person=alice&target=cards'), [REQUEST])
  assert.equal((await call(app, 'carol', { path: `${BASE}?state=done` })).status, 400)
})

test('somebody else’s request is not found, whatever is tried on it', async () => {
  const { app, desk } = world()
  const bodies: Record<string, object> = {
    approve: { factor: '100001' },
    deny: { factor: '100001', reason: 'no' },
    withdraw: {},
    revoke: { reason: 'no' },
  }
  for (const [verb, body] of Object.entries(bodies)) {
    const answers = await Promise.all(
      [AT, `${BASE}/r_000000000000`, `${BASE}/nonsense`].map(async (path) =>
        json(await call(app, 'mallory', { path: `${path}/${verb}`, body })),
      ),
    )
    assert.equal(answers[0]?.['status'], 404, verb)
    assert.deepEqual([answers[1], answers[2]], [answers[0], answers[0]], verb)
  }
  assert.equal(desk.rows.get(REQUEST)?.state, 'open')
})

test('a reason can neither hide nor carry a card number', async () => {
  const { app, desk } = world()
  desk.rows.set(REQUEST, accessRequest({ reason: 'a\u202e4111111111111111\u0000<b>' }))
  const said = await json(await call(app, 'bob', { path: AT }))
  const reason = String(said['reason'])
  assert.match(reason, /411111\*{6}1111/)
  assert.doesNotMatch(reason, /[\u202e\u0000]/)
})

test('a request past its time shows as expired before anything has marked it', async () => {
  const { app, clock } = world()
  clock.advance(3_600_000)
  assert.equal((await json(await call(app, 'bob', { path: AT })))['state'], 'expired')
  assert.equal((await approve(app, 'bob', { factor: '100001' })).status, 409)
})

test('a request that was granted can be revoked through it, with the reason on record', async () => {
  const { app, desk, state } = world()
  desk.rows.set(REQUEST, accessRequest({ state: 'granted', grant: GRANT }))
  const revoke = (who: string) => call(app, who, { path: `${AT}/revoke`, body: { reason: 'done early' } })
  assert.equal((await revoke('bob')).status, 403)
  assert.equal((await revoke('alice')).status, 200)
  assert.deepEqual(state.revoked, [{ id: GRANT, by: 'alice', reason: 'done early' }])
  assert.equal((await revoke('alice')).status, 409)
})

test('grants are listed to their owner and to those who watch', async () => {
  const { app, clock } = world()
  const listed = async (who: string, query = ''): Promise<unknown> =>
    (await json(await call(app, who, { path: `/api/v1/grants${query}` })))['grants']
  const [own] = [await listed('alice')].flat()
  assert.deepEqual(own, {
    ...{ id: GRANT, person: 'alice', target: 'cards', rights: 'all', grantedBy: 'adam', reason: '', live: true },
    ...{ grantedAt: '2026-11-22T00:00:00.000Z', expiresAt: '2026-11-22T01:00:00.000Z' },
    ...{ revokedAt: null, revokedBy: null },
  })
  assert.deepEqual(await listed('mallory'), [])
  assert.deepEqual(await listed('mallory', '?person=alice'), [])
  for (const who of ['carol', 'dan', 'adam']) assert.deepEqual(await listed(who), [own], who)
  clock.advance(3_600_000)
  assert.deepEqual([await listed('alice', '?live=true'), [await listed('alice', '?live=false')].flat().length], [[], 1])
})

test('a change reaches those who may see it as id and state', async () => {
  const { app, desk } = world()
  const next = async (who: string) => {
    const response = await call(app, who, { path: '/api/v1/events' })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    await reader?.read()
    return { line: () => reader?.read().then(({ value }) => value), cancel: () => reader?.cancel() }
  }
  const [bob, mallory] = [await next('bob'), await next('mallory')]
  desk.tell('settled', accessRequest({ state: 'withdrawn' }))
  assert.equal(await bob.line(), `event: request\ndata: {"id":"${REQUEST}","state":"withdrawn"}\n\n`)
  desk.tell('opened', accessRequest({ id: 'r_mallorys00001' as typeof REQUEST, person: personName('mallory') }))
  assert.match((await mallory.line()) ?? '', /r_mallorys00001/)
  await Promise.all([bob.cancel(), mallory.cancel()])
})
