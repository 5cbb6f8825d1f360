import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, test, type TestContext } from 'node:test'
import { personName } from '../../../src/model/ids.ts'
import { authorityOf } from '../../../src/protocol/ssh/certificate-mint.ts'
import { printPublicKey } from '../../../src/protocol/ssh/public-key.ts'
import { proveCredential, proveKey, type ProofDeps, type SignedRequest } from '../../../src/proxy/ssh/login-proofs.ts'
import { sshDoor, type Door } from '../../support/ssh-door.ts'
import { admin, peopleOf } from '../../store/scratch.ts'

const SOURCE = '10.0.0.1'

/** What each call to a collaborator costs on a machine of its own; the sum is the time that an attempt takes there. */
const COSTS: Readonly<Record<string, number>> = {
  verifiersFor: 7,
  resolve: 11,
  lockedUntil: 13,
  failed: 17,
  ownerOf: 19,
  isPerson: 23,
  find: 29,
  succeeded: 31,
  stands: 37,
}

/** The same collaborators with a meter on them. */
function metered(deps: ProofDeps): { readonly deps: ProofDeps; readonly spent: () => number } {
  let total = 0
  const meter = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name)
        if (typeof found !== 'function') return found
        return (...args: unknown[]): unknown => {
          total += COSTS[String(name)] ?? 1000
          return Reflect.apply(found, target, args)
        }
      },
    })
  const { credentials, grants, lockout, keys, certificates } = deps
  return {
    deps: {
      ...deps,
      ...{ credentials: meter(credentials), grants: meter(grants), lockout: meter(lockout) },
      ...{ keys: meter(keys), certificates: meter(certificates) },
      isPerson(name) {
        total += COSTS['isPerson'] ?? 0
        return deps.isPerson(name)
      },
    },
    spent: () => total,
  }
}

interface Cast {
  readonly door: Door
  readonly request: SignedRequest
  readonly foreign: SignedRequest
}

/** alice has everything; bob a name alone; carol was disabled. */
async function cast(t: TestContext): Promise<Cast> {
  const door = await sshDoor(t)
  const [mine, foreign] = [newSigner(), newSigner()]
  await door.credential('alice')
  await door.key('alice', mine.line)
  await peopleOf(door.hall).add({ name: personName('carol'), roles: ['engineer'] }, admin)
  await door.grant('carol')
  await peopleOf(door.hall).disable(personName('carol'), admin)
  return { door, request: mine.request, foreign: foreign.request }
}

function newSigner(): { readonly line: string; readonly request: SignedRequest } {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { key } = authorityOf(privateKey)
  const message = Buffer.from('the exchange and the request')
  const signature = sign(null, message, privateKey)
  return {
    line: printPublicKey(key),
    request: { algorithm: key.type, key: key.blob, signature, message, hash: undefined },
  }
}

const NAMES = ['alice@web-1', 'bob@web-1', 'carol@web-1', 'nobody@web-1', 'nobody', 'alice@nowhere']

describe('whoever is not let in', () => {
  test('by a wrong password waits for the same work under every name', async (t) => {
    const { door } = await cast(t)
    const costs = await Promise.all(
      NAMES.map(async (login) => {
        const { deps, spent } = metered(door.deps)
        const proof = await proveCredential(deps, { login, source: SOURCE }, 'cs_guessed')
        assert.deepEqual(proof, { outcome: 'refused', why: 'wrong' }, login)
        return spent()
      }),
    )
    assert.deepEqual(new Set(costs), new Set([7 + 11 + 13 + 17]))
  })

  test('by a key waits for the same work under every name and with every key', async (t) => {
    const { door, request, foreign } = await cast(t)
    const broken = { ...foreign, signature: Buffer.alloc(64) }
    const tries = [...NAMES.slice(1, 4).map((login) => [login, request] as const)]
    for (const login of NAMES) tries.push([login, foreign], [login, broken])
    const costs = new Set<number>()
    for (const [login, shown] of tries) {
      const { deps, spent } = metered(door.deps)
      assert.equal((await proveKey(deps, { login, source: SOURCE }, shown)).outcome, 'refused', login)
      costs.add(spent())
    }
    assert.deepEqual(costs, new Set([13 + 19 + 23]))
  })

  test('because the name is locked waits for the same work whether it exists or not', async (t) => {
    const { door } = await cast(t)
    const costs: number[] = []
    for (const person of ['alice', 'nobody']) {
      for (let at = 0; at < 10; at += 1) await door.lockout.failed({ person, source: `10.0.1.${at}` })
      const { deps, spent } = metered(door.deps)
      const proof = await proveCredential(deps, { login: `${person}@web-1`, source: SOURCE }, 'cs_guessed')
      assert.deepEqual(proof, { outcome: 'refused', why: 'locked' })
      costs.push(spent())
    }
    assert.equal(costs[0], costs[1])
  })
})

test('an empty password is refused like another, and counts as no guess', async (t) => {
  const { door } = await cast(t)
  for (let at = 0; at < 12; at += 1)
    assert.equal((await proveCredential(door.deps, { login: 'alice@web-1', source: SOURCE }, '')).outcome, 'refused')
  assert.equal(await door.lockout.lockedUntil({ person: 'alice', source: SOURCE }), undefined)
})

test('a key signs for its own request alone: another message, another algorithm and SHA-1 are refused', async (t) => {
  const { door, request } = await cast(t)
  const candidate = { login: 'alice@web-1', source: SOURCE }
  const outcome = async (shown: SignedRequest) => (await proveKey(door.deps, candidate, shown)).outcome
  assert.equal(await outcome(request), 'proved')
  assert.equal(await outcome({ ...request, message: Buffer.from('another request') }), 'refused')
  assert.equal(await outcome({ ...request, algorithm: 'ssh-rsa' }), 'refused')
  assert.equal(await outcome({ ...request, algorithm: 'ssh-ed25519-cert-v01@openssh.com' }), 'refused')
  assert.equal(await outcome({ ...request, key: Buffer.alloc(0) }), 'refused')
})
