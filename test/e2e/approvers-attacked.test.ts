import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createClient, NET } from '../../src/cli/client.ts'
import { personName } from '../../src/model/ids.ts'
import { ACTOR, attackStage, deny, passwordOf, type AttackStage, type Person } from '../support/attack-stage.ts'
import { without } from '../support/clients.ts'
import type { RawClient } from '../support/raw-client.ts'

const REASON = 'no \u001b[2J\u001b]0;x\u0007\nNOTICE:  approved by root \u202e \0 \ud800 end'

interface Sent {
  readonly to: string
  readonly by: Person
  readonly body: object
}

describe('the word of an approver, by a hostile insider', { skip: without('psql', '--version') }, () => {
  let stage: AttackStage
  let people = 0
  before(async () => {
    stage = await attackStage()
  })
  after(() => stage.stop())

  const approver = (): Promise<Person & { readonly name: string }> => {
    const name = `approver-${(people += 1)}`
    return stage.person(name, ['approver']).then((one) => ({ ...one, name }))
  }
  /** A statement that waits, of somebody new. */
  async function waiting(): Promise<RawClient> {
    const client = await stage.enter(`engineer-${(people += 1)}`, 'cards')
    assert.equal((await client.query('DELETE FROM payments')).end, 'held')
    return client
  }
  const payments = async (): Promise<string> =>
    (await stage.beside.query('SELECT count(*) FROM payments'))[0]?.[0] ?? ''

  /** Headers and a part of the body; the rest once something has happened. */
  async function trickle({ to, by, body }: Sent, happens: () => Promise<unknown>): Promise<string> {
    const [text, { port }] = [JSON.stringify(body), new URL(stage.url)]
    const socket = connect(Number(port), '127.0.0.1')
    const got: Buffer[] = []
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => undefined)
    const head = [
      `POST /api/v1/${to} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${by.token}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      'Connection: close',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${text.slice(0, 5)}`)
    // Answered behind it: the door has seen the headers.
    await fetch(`${stage.url}/healthz`)
    await happens()
    socket.write(text.slice(5))
    await closed
    return /"code":"([^"]+)"|"state":"([^"]+)"/.exec(Buffer.concat(got).toString())?.slice(1).join('') ?? ''
  }

  test('a role that is taken away while the answer trickles in opens no access', async () => {
    const [asker, bob] = [await stage.person('asker', ['engineer']), await approver()]
    const { id } = await asker.client.access.ask({ target: 'cards', forMs: 600_000, reason: 'x', ticket: 'OPS-1' })
    const lose = (): Promise<unknown> => stage.app.access.people.setRoles(personName(bob.name), ['engineer'], ACTOR)
    assert.equal(
      await trickle({ to: `access-requests/${id}/approve`, by: bob, body: { factor: bob.code() } }, lose),
      'not-found',
    )
    const [request] = (await asker.client.access.list()).filter((one) => one.id === id)
    assert.equal(request?.state, 'open')
    assert.deepEqual(await stage.app.access.grants.liveOf(personName('asker')), [])
  })

  test('nor does it, or the end of the sign-in, run a statement', async () => {
    const before = await payments()
    // Before it is held: whoever becomes an approver later does not answer it.
    const [bob, cat, dora] = [await approver(), await approver(), await approver()]
    const client = await waiting()
    const { id, digest } = await stage.openApproval(bob)
    const sent = (by: Person): Sent => ({ to: `approvals/${id}/approve`, by, body: { digest, factor: by.code() } })
    const lose = (): Promise<unknown> => stage.app.access.people.setRoles(personName(bob.name), ['engineer'], ACTOR)
    assert.equal(await trickle(sent(bob), lose), 'not-found')
    const leave = (): Promise<unknown> =>
      fetch(`${stage.url}/api/v1/logout`, { method: 'POST', headers: { Authorization: `Bearer ${cat.token}`, 'Content-Type': 'application/json' }, body: '{}' }) // prettier-ignore
    assert.equal(await trickle(sent(cat), leave), 'not-signed-in')
    await deny(stage, dora, 'enough')
    assert.deepEqual((await client.reply()).errors, ['42501'])
    assert.equal(await payments(), before)
  })

  test('whoever is stopped may sign in and look, and countersigns nothing with right factors', async () => {
    const before = await payments()
    const [bob, dan] = [await approver(), await stage.person('dan', ['security'])]
    const client = await waiting()
    const { id, digest } = await stage.openApproval(bob)
    await dan.client.stops.stop({ scope: 'person', name: bob.name, reason: 'a laptop', factor: dan.code() })
    const net = { url: stage.url, fetch: NET.fetch }
    const login = { person: bob.name, password: passwordOf(bob.name), totp: bob.code() }
    const { token } = await createClient({ ...net, token: undefined }).login(login)
    const again = createClient({ ...net, token })
    assert.equal((await again.approval(id)).state, 'open')
    await assert.rejects(again.approve(id, { digest, factor: bob.code() }), /kill switch/)
    assert.equal((await again.deny(id, { digest, factor: bob.code(), reason: 'no' })).state, 'denied')
    assert.deepEqual((await client.reply()).errors, ['42501'])
    assert.equal(await payments(), before)
  })

  test('the reason of a denial neither draws on the terminal of whoever asked, nor speaks in our name, nor ends the session', async () => {
    const bob = await approver()
    const client = await waiting()
    await deny(stage, bob, REASON)
    const { end, said, errors } = await client.reply()
    assert.deepEqual([end, errors], ['ready', ['42501']])
    assert.match(
      said,
      /declined to countersign this statement: no \?\[2J\?\]0;x\? NOTICE: approved by root \? \? . end/,
    )
    assert.equal((await client.query('SELECT 1')).end, 'ready')
  })
})
