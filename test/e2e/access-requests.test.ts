import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client } from '../../src/cli/client.ts'
import { personName } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'
import { runClient, startClient, without } from '../support/clients.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const ACTOR = { by: 'test', origin: 'local' }
const STEP_MS = 30_000
const QUIET = ['-X', '-q', '-A', '-t']
const WISH = { target: 'cards', forMs: 600_000, reason: 'a stuck payment', ticket: 'OPS-12' }

describe('access for a while, asked for and approved', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  before(async () => {
    stage = await testStage()
  })
  after(() => stage.stop())

  /** Somebody new with a login at the API and one unused code. */
  const person = async (name: string, role: Role): Promise<{ client: Client; code: () => string }> => {
    const { access } = stage.stage.app
    const password = `${name}-and-a-long-password-1`
    const added = await access.people.add({ name: personName(name), roles: [role], password }, ACTOR)
    assert.ok(added.ok)
    const factor = await access.factors.enrol(personName(name), ACTOR)
    const secret = fromBase32(factor?.secret.reveal() ?? '')
    assert.ok(secret)
    const net = { url: stage.stage.config.publicUrl, fetch: NET.fetch }
    const totp = codeAt(secret, Date.now() - STEP_MS)
    const { token } = await createClient({ ...net, token: undefined }).login({ person: name, password, totp })
    return { client: createClient({ ...net, token }), code: () => codeAt(secret, Date.now()) }
  }

  const refusedWith = (code: string) => (thrown: unknown) =>
    thrown instanceof Error && 'json' in thrown && JSON.stringify(thrown.json).includes(`"code":"${code}"`)

  test('psql gets in when a second person has said yes, for as long as they said', async () => {
    const [asker, other] = [await person('eva', 'engineer'), await person('nora', 'approver')]
    const mint = () => asker.client.mint({ target: 'cards', forSeconds: 600 })
    await assert.rejects(mint(), refusedWith('no-grant'))
    const request = await asker.client.access.ask(WISH)
    assert.deepEqual([request.state, request.rule, request.mayApprove], ['open', 'access/card-data', false])
    await assert.rejects(asker.client.access.approve(request.id, { factor: asker.code() }), refusedWith('own-request'))
    await assert.rejects(mint(), refusedWith('no-grant'))
    const answered = await other.client.access.approve(request.id, { factor: other.code(), forMs: 300_000 })
    assert.equal(answered.state, 'granted')
    const { login, secret, expiresAt } = await mint()
    assert.ok(Date.parse(expiresAt) - Date.now() <= 300_000)
    const env = { ...stage.env, PGUSER: login, PGPASSWORD: secret }
    const { status, out, err } = await runClient('psql', [...QUIET, '-c', 'SELECT count(*) FROM cards'], env)
    assert.deepEqual([status, /^\d+$/.test(out.trim())], [0, true], err)
  })

  test('a renewal moves the end of the grant under a session that goes on', async () => {
    const [asker, one] = [await person('fred', 'engineer'), await person('olga', 'approver')]
    const two = await person('petra', 'approver')
    const first = await asker.client.access.ask(WISH)
    const { grant } = await one.client.access.approve(first.id, { factor: one.code(), forMs: 60_000 })
    const { login, secret } = await asker.client.mint({ target: 'cards', forSeconds: 600 })
    const psql = startClient('psql', QUIET, { ...stage.env, PGUSER: login, PGPASSWORD: secret })
    psql.type('SELECT 1;\n')
    await psql.more()
    const renewal = await asker.client.access.ask(WISH)
    assert.equal(renewal.renews, grant)
    assert.equal((await two.client.access.approve(renewal.id, { factor: two.code() })).grant, grant)
    const [live] = await stage.stage.app.access.grants.liveOf(personName('fred'))
    assert.ok(live !== undefined && live.expiresAt > Date.now() + 500_000)
    psql.type('SELECT 2;\n')
    psql.close()
    const { status, out, err } = await psql.ended
    assert.deepEqual([status, out], [0, '1\n2\n'], err)
    // The session's clock looks every second or two: the new end may have been told by now, and nothing else was.
    assert.match(err, /^(NOTICE: {2}your access to cards now ends at [-\d]+ [:\d]+ UTC\n)?$/)
  })

  test('a denial is told with its words, and nothing opens', async () => {
    const [asker, other] = [await person('gina', 'engineer'), await person('ralf', 'approver')]
    const request = await asker.client.access.ask(WISH)
    await other.client.access.deny(request.id, { factor: other.code(), reason: 'not today' })
    const after = await asker.client.access.find(request.id)
    assert.deepEqual([after.state, after.decisions[0]?.reason, after.grant], ['denied', 'not today', null])
    await assert.rejects(asker.client.mint({ target: 'cards', forSeconds: 600 }), refusedWith('no-grant'))
  })

  test('the rules refuse whoever is no engineer, and what is too long', async () => {
    const auditor = await person('hugo', 'auditor')
    const refused = await auditor.client.access.ask(WISH)
    assert.deepEqual([refused.state, refused.rule], ['refused', 'access/engineers-only'])
    const asker = await person('ines', 'engineer')
    await assert.rejects(asker.client.access.ask({ ...WISH, forMs: 7_260_000 }), /at most 2h/)
  })
})
