import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mint, type CredentialDeps } from '../../src/http/credentials.ts'
import { MintBody } from '../../src/http/schemas.ts'
import { Problem } from '../../src/http/problem.ts'
import { personName, targetName } from '../../src/model/ids.ts'

const cards = targetName('cards')
const nightly = personName('nightly')

/** A program of alice's with a live grant; nothing of it is reached unless a factor was spent. */
function desk(): CredentialDeps {
  const never = (): never => assert.fail('a factor comes first')
  const program = { name: nightly, service: true, owner: personName('alice'), disabledAt: undefined }
  return {
    credentials: { mint: never, liveOf: never, revoke: never },
    grants: { liveOf: () => Promise.resolve([{ target: cards, rights: 'all', expiresAt: Infinity }]) },
    people: { list: () => Promise.resolve([program]) },
    login: { verifyFactor: never },
    targets: { all: () => [{ name: cards, protocol: 'postgres', tags: ['cde'] }] },
    stops: { standing: () => Promise.resolve([]) },
    postgres: undefined,
    ssh: { door: undefined },
  } as unknown as CredentialDeps
}

test('a credential of a program takes a factor of its owner, whoever forgot to ask for it', async () => {
  const viewer = { person: personName('alice'), roles: ['engineer'], service: false, owner: undefined } as const
  const body = { target: 'cards', forSeconds: 3600, service: 'nightly' }
  assert.equal(MintBody.safeParse(body).success, false)
  const answer = await mint({ viewer, body, address: '10.0.0.1' }, desk())
  assert.ok(answer instanceof Problem)
  assert.equal(answer.code, 'factor-refused')
})
