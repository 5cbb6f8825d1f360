import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '../../src/std/secret.ts'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { RawClient } from '../support/raw-client.ts'
import { testStage, type Approval, type TestStage } from '../support/stage.ts'

let stage: TestStage
let ed: ApiPerson
let fay: ApiPerson
let sam: ApiPerson
let zed: ApiPerson

before(async () => {
  stage = await testStage({ targetKeys: ['breakGlass: { people: [ed], longest: 20m }'] })
  ed = await apiPerson(stage.stage, 'ed', ['engineer'])
  zed = await apiPerson(stage.stage, 'zed', ['engineer'])
  fay = await apiPerson(stage.stage, 'fay', ['approver'])
  sam = await apiPerson(stage.stage, 'sam', ['security'])
})
after(() => stage.stop())

async function session(person: ApiPerson): Promise<RawClient> {
  const { secret } = await person.client.mint({ target: 'cards', forSeconds: 300 })
  const login = { port: stage.stage.app.ports.postgres ?? 0, user: `${person.name}@cards`, database: 'cards' }
  return RawClient.enter({ ...login, password: new Secret(secret) })
}

async function heldBy(person: ApiPerson): Promise<Approval> {
  for (let tries = 0; tries < 200; tries += 1) {
    const open = (await person.client.approvals('open')).find((one) => one.person === person.name)
    if (open !== undefined) return open
    await pause(25)
  }
  throw new Error('nothing is held')
}

const why = (incident: string) => ({ incident, reason: 'the site is down' })

test('somebody on the list clears their own DELETE, and a review stays open that blocks the next incident until another person signs', async () => {
  const client = await session(ed)
  assert.equal((await client.query('DELETE FROM payments')).end, 'held')
  const first = await heldBy(ed)
  await assert.rejects(
    ed.client.breakGlass(first.id, { digest: first.digest, ...why('INC-1'), factor: '000000' }),
    /not accepted/,
  )
  const cleared = await ed.client.breakGlass(first.id, {
    digest: first.digest,
    ...why('INC-1'),
    factor: await ed.code(),
  })
  assert.equal(cleared.state, 'approved')
  assert.deepEqual((await client.reply()).tags[0]?.slice(0, 6), 'DELETE')
  const [review] = await fay.client.reviews('open')
  assert.equal(review?.incident, 'INC-1')
  assert.equal(review.person, 'ed')
  await assert.rejects(ed.client.signReview(review.id, { remark: 'fine', factor: '123456' }), /somebody else signs/)

  assert.equal((await client.query('DELETE FROM payments')).end, 'held')
  const second = await heldBy(ed)
  const again = { digest: second.digest, ...why('INC-2'), factor: '123456' }
  await assert.rejects(ed.client.breakGlass(second.id, again), /your last use waits for its review/)
  const signed = await fay.client.signReview(review.id, { remark: 'was right', factor: await fay.code() })
  assert.equal(signed.signedBy, 'fay')
  await assert.rejects(fay.client.signReview(review.id, { remark: 'again', factor: '123456' }), /it is signed/)
  const after = await ed.client.breakGlass(second.id, { ...again, factor: await ed.code() })
  assert.equal(after.state, 'approved')
  assert.equal((await client.reply()).tags[0], 'DELETE 0')
  client.close()

  const events = readFileSync(
    path.join(stage.stage.folder, 'data', 'recordings', first.session, 'events.ndjson'),
    'utf8',
  )
  const rulings = events.split('\n').filter((line) => line.includes('"kind":"ruling"'))
  assert.match(rulings[0] ?? '', /"by":\["ed"\],"reason":"break-glass, incident INC-1: the site is down"/)
})

test('within the incident its person may go on, and nobody outside the list, or with a denied statement, gets anywhere', async () => {
  const client = await session(ed)
  assert.equal((await client.query('DELETE FROM payments WHERE true')).end, 'held')
  const held = await heldBy(ed)
  // The review of INC-2 is still open, and INC-2 goes on.
  const use = { digest: held.digest, ...why('INC-2'), factor: await ed.code() }
  assert.equal((await ed.client.breakGlass(held.id, use)).state, 'approved')
  await client.reply()
  const denied = await client.query("SELECT pg_read_file('/etc/passwd')")
  assert.deepEqual(denied.errors, ['42501'])
  client.close()

  const other = await session(zed)
  assert.equal((await other.query('DELETE FROM payments')).end, 'held')
  const theirs = await heldBy(zed)
  const wanted = { digest: theirs.digest, ...why('INC-3'), factor: '123456' }
  await assert.rejects(zed.client.breakGlass(theirs.id, wanted), /not enabled for you/)
  await assert.rejects(ed.client.breakGlass(theirs.id, wanted), /Not found/)
  await assert.rejects(fay.client.breakGlass(theirs.id, wanted), /for your own statement/)
  await other.withdraw()
  other.close()
  const open = await sam.client.reviews('open')
  assert.equal(open.length, 2, 'one for each use')
})
