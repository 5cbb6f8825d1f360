import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { personName, targetName } from '../../src/model/ids.ts'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { runClient, startClient, without } from '../support/clients.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const ACTOR = { by: 'adam', origin: 'test' }
const DAY_MS = 86_400_000
const MONTH_S = 30 * 86_400
const QUIET = ['-X', '-q', '-A', '-t']

describe('the account of a program', { skip: without('psql', '--version'), timeout: 120_000 }, () => {
  let stage: TestStage
  let owner: ApiPerson
  let other: ApiPerson
  before(async () => {
    stage = await testStage()
    const { access } = stage.stage.app
    owner = await apiPerson(stage.stage, 'rosa', ['engineer'])
    other = await apiPerson(stage.stage, 'sam', ['engineer', 'admin'])
    const [name, person] = [personName('nightly'), personName('rosa')]
    const account = { name, roles: ['engineer'] as const, owner: person, serviceOf: targetName('cards') }
    assert.ok((await access.people.add(account, ACTOR)).ok)
  })
  after(() => stage.stop())

  const ledger = (): string =>
    readFileSync(path.join(stage.stage.folder, 'data', 'recordings', 'ledger.ndjson'), 'utf8')

  const refusedWith = (code: string) => (thrown: unknown) =>
    thrown instanceof Error && 'json' in thrown && JSON.stringify(thrown.json).includes(`"code":"${code}"`)

  const ask = (who: ApiPerson, changes: object = {}) =>
    who.client.mint({ target: 'cards', service: 'nightly', forSeconds: MONTH_S, ...changes })

  const credentials = async (who: ApiPerson, more = '', method = 'GET'): Promise<{ status: number; text: string }> => {
    const headers = { Authorization: `Bearer ${who.token}` }
    const answer = await fetch(`${who.url}/api/v1/credentials${more}`, { method, headers })
    return { status: answer.status, text: await answer.text() }
  }

  test('gets its password from its owner alone, with a fresh code, and under a grant', async () => {
    const code = await owner.code()
    await assert.rejects(ask(owner, { factor: code }), refusedWith('no-grant'))
    const { access } = stage.stage.app
    const grant = { person: personName('nightly'), target: targetName('cards'), forMs: 60 * DAY_MS, reason: 'jobs' }
    assert.equal((await access.grants.grant(grant, ACTOR)).outcome, 'granted')
    await assert.rejects(ask(owner), refusedWith('invalid'))
    await assert.rejects(ask(owner, { factor: '000000' }), refusedWith('factor-refused'))
    await assert.rejects(ask(other, { factor: await other.code() }), refusedWith('not-found'))
    await assert.rejects(ask(owner, { service: undefined, forSeconds: MONTH_S }), refusedWith('invalid'))
    // What was refused before spent no code.
    const { login, secret, expiresAt } = await ask(owner, { factor: code })
    assert.equal(login, 'nightly@cards')
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - MONTH_S * 1000) < 60_000)
    const env = { ...stage.env, PGUSER: login, PGPASSWORD: secret }
    const { status, out, err } = await runClient('psql', [...QUIET, '-c', 'SELECT count(*) FROM payments'], env)
    assert.deepEqual([status, out.trim()], [0, '5000'], err)
    const line = /"kind":"credential\.minted"[^\n]*"by":"rosa"[^\n]*"person":"nightly"/
    // The ledger takes its lines from the store's journal, a moment later.
    while (!line.test(ledger())) await pause(20)
  })

  test('loses it, and its session with it, when its owner takes it back, and nobody else can', async () => {
    const { login, secret, id } = await ask(owner, { factor: await owner.code() })
    const psql = startClient('psql', QUIET, { ...stage.env, PGUSER: login, PGPASSWORD: secret })
    psql.type('SELECT 1;\n')
    await psql.more()
    assert.match((await credentials(owner)).text, new RegExp(`"id":"${id}","person":"nightly"`))
    assert.doesNotMatch((await credentials(other)).text, /nightly/)
    assert.equal((await credentials(other, `/${id}`, 'DELETE')).status, 404)
    assert.equal((await credentials(owner, `/${id}`, 'DELETE')).status, 200)
    psql.type('SELECT 2;\n')
    psql.close()
    await psql.ended
    assert.equal((await credentials(owner, `/${id}`, 'DELETE')).status, 404, 'once')
    const late = await runClient('psql', [...QUIET, '-c', 'SELECT 1'], {
      ...stage.env,
      PGUSER: login,
      PGPASSWORD: secret,
    })
    assert.match(late.err, /password authentication failed/)
  })
})
