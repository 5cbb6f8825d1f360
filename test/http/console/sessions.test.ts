import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SESSION, world } from '../world.ts'
import { seated } from './seat.ts'

test('the list names who, where, when and how many, and what is left out of an address is not asked for', async () => {
  const { app, state } = world()
  const text = await (await seated(app, 'carol')).page('/sessions?person=alice&state=open')
  assert.match(text, new RegExp(`href="/sessions/${SESSION}"><b>alice</b> at <b>cards</b>`))
  assert.match(text, /value="alice"/)
  assert.match(text, /data-live="session"/)
  assert.deepEqual(state.asked, [])
})

test('filters over statements are asked of the index as the person who looks, and such a list does not ask again by itself', async () => {
  const { app, state } = world()
  const query = 'table=cards&verdict=deny&text=drop&from=2026-11-01T10:30&to=2026-11-02'
  const text = await (await seated(app, 'carol')).page(`/sessions?${query}`)
  const [asked] = state.asked
  assert.deepEqual([asked?.what, asked?.by, asked?.sees], ['sessions', 'carol', 'everything'])
  const { from, to, table } = { from: 0, to: 0, table: '', ...(asked?.question as object) }
  assert.deepEqual([from, to, table], [Date.UTC(2026, 10, 1, 10, 30), Date.UTC(2026, 10, 3), 'cards'])
  assert.doesNotMatch(text, /data-live="session"/)
  assert.match(text, /href="\/sessions\?[^"]*table=cards[^"]*format=csv"/)
  const replay = `href="/sessions/${SESSION}/replay?text=drop&amp;verdict=deny"`
  assert.ok(text.includes(replay), 'what was looked for is looked for in the replay')
})

test('a filter that cannot be is passed over or finds nothing; it never widens the list', async () => {
  const { app } = world()
  const carol = await seated(app, 'carol')
  assert.match(await carol.page('/sessions?person=%3Cscript%3E'), /No session fits/)
  const text = await carol.page('/sessions?verdict=maybe&from=yesterday&cursor=x')
  assert.match(text, /<b>alice<\/b>/)
  assert.doesNotMatch(text, /maybe|yesterday/)
})

test('an export holds what the list does, and no cell of it is a formula', async () => {
  const { app } = world()
  const response = await (await seated(app, 'carol')).get('/sessions?format=csv')
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8')
  const [head, row] = (await response.text()).split('\r\n')
  assert.match(head ?? '', /^session,person,target/)
  assert.match(row ?? '', new RegExp(`^${SESSION},alice,cards,postgres,127.0.0.1,open,2026-11-22T00:00:00.000Z,,3$`))
})

test('an engineer sees their own sessions only, and of anybody else that there is none', async () => {
  const { app } = world()
  const mallory = await seated(app, 'mallory')
  assert.match(await mallory.page('/sessions'), /No session yet/)
  for (const path of ['', '/replay', '/watch'])
    assert.equal((await mallory.get(`/sessions/${SESSION}${path}`)).status, 404)
})

test('a session shows counts by verdict, masked cells and what verification says', async () => {
  const { app } = world()
  const text = (await (await seated(app, 'carol')).page(`/sessions/${SESSION}`)).replace(/\s+/g, ' ')
  for (const part of [
    '2 allowed',
    '1 denied',
    '<dt>Cells masked</dt> <dd>6</dd>',
    '>intact</span>',
    '7 events checked now',
  ])
    assert.ok(text.includes(part), part)
})

test('a verification that takes long does not keep the page waiting', async () => {
  const { app, deps, clock } = world()
  deps.evidence.verify = () => new Promise(() => undefined)
  const carol = await seated(app, 'carol')
  const page = carol.page(`/sessions/${SESSION}`)
  const turns = setInterval(() => clock.advance(1000), 1)
  try {
    assert.match(await page, /It takes a while/)
  } finally {
    clearInterval(turns)
  }
})

test('a recording that is gone is said to be gone', async () => {
  const { app, deps } = world()
  deps.evidence.verify = () => Promise.resolve(undefined)
  assert.match(await (await seated(app, 'carol')).page(`/sessions/${SESSION}`), /There is no recording/)
})

test('security, admins and whoever it is end a session with a reason; nobody else is even asked', async () => {
  const { app, state } = world()
  for (const person of ['dan', 'adam', 'alice']) {
    const who = await seated(app, person)
    const before = state.terminated.length
    const text = await who.page(`/sessions/${SESSION}`)
    assert.match(text, /Ends alice&#39;s session at cards now: what runs there is cancelled/)
    const response = await who.post(`/sessions/${SESSION}/terminate`, { reason: 'incident 7' })
    assert.equal(response.headers.get('location'), `/sessions/${SESSION}`)
    assert.deepEqual(
      { ...(state.terminated[before] as object) },
      { id: SESSION, by: person, origin: '192.0.2.7', reason: 'incident 7' },
    )
  }
  const carol = await seated(app, 'carol')
  assert.doesNotMatch(await carol.page(`/sessions/${SESSION}`), /terminate/)
  assert.equal((await carol.post(`/sessions/${SESSION}/terminate`, { reason: 'x' })).status, 404)
  assert.equal(state.terminated.length, 3)
})

test('without a reason nothing is ended, and the page says so', async () => {
  const { app, state } = world()
  const dan = await seated(app, 'dan')
  await dan.post(`/sessions/${SESSION}/terminate`, { reason: '  ' })
  assert.deepEqual(state.terminated, [])
  assert.match(await dan.page(`/sessions/${SESSION}`), /Nothing was done/)
})
