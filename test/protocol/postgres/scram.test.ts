import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import { saslprep } from '../../../src/protocol/postgres/saslprep.ts'
import { createScramClient, type ScramClientDeps } from '../../../src/protocol/postgres/scram-client.ts'
import { createScramServer, type ScramServerDeps } from '../../../src/protocol/postgres/scram-server.ts'
import { formatVerifier, mintVerifier, parseVerifier } from '../../../src/protocol/postgres/scram-verifier.ts'
import { md5Password } from '../../../src/protocol/postgres/md5.ts'
import { Secret } from '../../../src/std/secret.ts'
import { seeded } from '../../support/random.ts'

/** The exchange that RFC 7677 section 3 publishes. */
const RFC = {
  password: new Secret('pencil'),
  clientNonce: 'rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

const PLAIN = 'SCRAM-SHA-256'
const PLUS = 'SCRAM-SHA-256-PLUS'
const SALT = Buffer.alloc(16, 9)
/** Few, so that the tests are quick; the number is only passed through. */
const ITERATIONS = 10
const HASH = Buffer.alloc(32, 0xab)
const verifierOf = (password: string) => mintVerifier(new Secret(password), SALT, ITERATIONS)

const serverWith = (given: Partial<ScramServerDeps> = {}) =>
  createScramServer({ salt: SALT, iterations: ITERATIONS, nonce: 'server', verifiers: [verifierOf('right')], ...given })
const clientWith = (given: Partial<ScramClientDeps> = {}) =>
  createScramClient({ password: new Secret('right'), nonce: 'client', mechanisms: [PLAIN], ...given })

/** Runs both sides against each other as the wire would. */
function exchange(server: ReturnType<typeof serverWith>, client: ReturnType<typeof clientWith>) {
  const challenge = server.first(client.initial.mechanism, client.initial.response)
  const outcome = server.final(client.respond(challenge))
  if (outcome.outcome === 'accepted') client.verify(outcome.final)
  return outcome
}

describe('the exchange of RFC 7677', () => {
  test('is what the client says', () => {
    const client = clientWith({ password: RFC.password, name: 'user', nonce: RFC.clientNonce })
    assert.equal(client.initial.response?.toString(), RFC.clientFirst)
    assert.equal(client.respond(Buffer.from(RFC.serverFirst)).toString(), RFC.clientFinal)
    client.verify(Buffer.from(RFC.serverFinal))
  })

  test('is what the server says', () => {
    const verifiers = [mintVerifier(RFC.password, RFC.salt, 4096)]
    const server = createScramServer({ salt: RFC.salt, iterations: 4096, nonce: RFC.serverNonce, verifiers })
    assert.deepEqual(server.mechanisms, [PLAIN])
    assert.equal(server.first(PLAIN, Buffer.from(RFC.clientFirst)).toString(), RFC.serverFirst)
    const outcome = server.final(Buffer.from(RFC.clientFinal))
    assert.ok(outcome.outcome === 'accepted')
    assert.equal(outcome.final.toString(), RFC.serverFinal)
  })
})

describe('a proof', () => {
  test('of any live credential is accepted and says which one it was', () => {
    const verifiers = ['one', 'two', 'three'].map(verifierOf)
    for (const [index, password] of ['one', 'two', 'three'].entries()) {
      const outcome = exchange(serverWith({ verifiers }), clientWith({ password: new Secret(password) }))
      assert.ok(outcome.outcome === 'accepted')
      assert.equal(outcome.matched, index)
    }
  })

  test('of a wrong password is refused', () => {
    assert.deepEqual(exchange(serverWith(), clientWith({ password: new Secret('wrong') })), { outcome: 'refused' })
  })

  test('for a name that nobody has is refused at the same step, with the same words', () => {
    assert.deepEqual(exchange(serverWith({ verifiers: [] }), clientWith()), { outcome: 'refused' })
    const challenges = [serverWith({ verifiers: [] }), serverWith()].map((server) =>
      server.first(PLAIN, clientWith().initial.response),
    )
    assert.deepEqual(challenges[0], challenges[1])
  })

  test('with one bit changed anywhere is refused or a ProtocolError', () => {
    const random = seeded(7)
    for (let round = 0; round < 500; round++) {
      const server = serverWith()
      const client = clientWith()
      const proof = Buffer.from(client.respond(server.first(PLAIN, client.initial.response)))
      const at = random.below(proof.length)
      proof.writeUInt8(proof.readUInt8(at) ^ (1 << random.below(8)), at)
      try {
        assert.deepEqual(server.final(proof), { outcome: 'refused' })
      } catch (error) {
        assert.ok(error instanceof ProtocolError)
      }
    }
  })

  test('of another exchange is refused', () => {
    const client = clientWith()
    const old = client.respond(serverWith().first(PLAIN, client.initial.response))
    const server = serverWith({ nonce: 'another' })
    server.first(PLAIN, client.initial.response)
    assert.deepEqual(server.final(old), { outcome: 'refused' })
  })

  test('is taken once', () => {
    const server = serverWith()
    const client = clientWith()
    const proof = client.respond(server.first(PLAIN, client.initial.response))
    assert.equal(server.final(proof).outcome, 'accepted')
    assert.throws(() => server.final(proof), ProtocolError)
    assert.throws(() => server.first(PLAIN, client.initial.response), ProtocolError)
    assert.throws(() => serverWith().final(proof), ProtocolError)
  })
})

describe('channel binding', () => {
  test('is offered where the certificate is known, and taken by a client that knows it too', () => {
    const server = serverWith({ certificateHash: HASH })
    assert.deepEqual(server.mechanisms, [PLUS, PLAIN])
    const client = clientWith({ mechanisms: server.mechanisms, certificateHash: HASH })
    assert.equal(client.initial.mechanism, PLUS)
    assert.equal(exchange(server, client).outcome, 'accepted')
  })

  test('to another certificate is refused: somebody stands between', () => {
    const server = serverWith({ certificateHash: HASH })
    const client = clientWith({ mechanisms: server.mechanisms, certificateHash: Buffer.alloc(32, 1) })
    assert.deepEqual(exchange(server, client), { outcome: 'refused' })
  })

  test('is not missed in a client that cannot bind', () => {
    assert.equal(
      exchange(serverWith({ certificateHash: HASH }), clientWith({ mechanisms: [PLUS, PLAIN] })).outcome,
      'accepted',
    )
  })

  test('that was taken out of our offer is noticed', () => {
    const client = clientWith({ mechanisms: [PLAIN], certificateHash: HASH })
    assert.equal(client.initial.response?.toString().slice(0, 3), 'y,,')
    assert.throws(() => exchange(serverWith({ certificateHash: HASH }), client), ProtocolError)
    assert.equal(exchange(serverWith(), client).outcome, 'accepted', 'a server that never offered it')
  })

  const refused: readonly (readonly [string, string, string])[] = [
    ['of another type', PLUS, 'p=tls-unique,,n=,r=x'],
    ['without its mechanism', PLAIN, 'p=tls-server-end-point,,n=,r=x'],
    ['left out under its mechanism', PLUS, 'n,,n=,r=x'],
    ['doubted under its mechanism', PLUS, 'y,,n=,r=x'],
  ]
  for (const [about, mechanism, response] of refused) {
    test(`${about} is a ProtocolError`, () => {
      assert.throws(() => serverWith({ certificateHash: HASH }).first(mechanism, Buffer.from(response)), ProtocolError)
    })
  }

  test('is no mechanism without TLS', () => {
    assert.throws(() => serverWith().first(PLUS, Buffer.from('p=tls-server-end-point,,n=,r=x')), ProtocolError)
  })
})

describe('a first word', () => {
  const words = [
    '',
    'n',
    'n,,',
    'n,,r=x',
    'n,,n=',
    'n,,n=,r=',
    'n,,n=,x=y',
    'n,,m=1,n=,r=x',
    'n,a=root,n=,r=x',
    'x,,n=,r=x',
    'n,,n=,r=\0',
    'n,,n=,r=é',
  ]
  for (const word of words) {
    test(`${JSON.stringify(word)} is a ProtocolError`, () => {
      assert.throws(() => serverWith().first(PLAIN, Buffer.from(word)), ProtocolError)
    })
  }
  test('that is missing, of an unknown mechanism or not UTF-8 is a ProtocolError', () => {
    assert.throws(() => serverWith().first(PLAIN, null), ProtocolError)
    assert.throws(() => serverWith().first('SCRAM-SHA-1', Buffer.from('n,,n=,r=x')), ProtocolError)
    assert.throws(() => serverWith().first(PLAIN, Buffer.from('n,,n=\xff,r=x', 'latin1')), ProtocolError)
  })
})

describe('a server, seen by our client,', () => {
  const salt = SALT.toString('base64')
  const challenges: readonly (readonly [string, string])[] = [
    ['answers with a foreign nonce', `r=other,s=${salt},i=10`],
    ['adds nothing to our nonce', `r=client,s=${salt},i=10`],
    ['asks for no iterations', `r=clientx,s=${salt},i=0`],
    ['asks for a negative number of iterations', `r=clientx,s=${salt},i=-5`],
    ['asks for iterations without end', `r=clientx,s=${salt},i=2147483647`],
    ['sends no salt', 'r=clientx,s=,i=10'],
    ['sends a salt that is not base64', 'r=clientx,s=!!,i=10'],
    ['sends a mandatory extension', `m=x,r=clientx,s=${salt},i=10`],
    ['sends nothing', ''],
  ]
  for (const [about, challenge] of challenges) {
    test(`ends the exchange where it ${about}`, () => {
      assert.throws(() => clientWith().respond(Buffer.from(challenge)), ProtocolError)
    })
  }

  test('that cannot prove that it knows us is not believed', () => {
    for (const word of ['v=AAAA', `v=${Buffer.alloc(32).toString('base64')}`, 'e=other-error', '']) {
      const client = clientWith()
      client.respond(serverWith().first(PLAIN, client.initial.response))
      assert.throws(() => client.verify(Buffer.from(word)), ProtocolError, word)
    }
  })

  test('that ends before its challenge is not believed', () => {
    assert.throws(() => clientWith().verify(Buffer.from(RFC.serverFinal)), ProtocolError)
  })

  test('that offers nothing that we know gets no answer', () => {
    assert.throws(() => clientWith({ mechanisms: ['OAUTHBEARER'] }), ProtocolError)
    assert.throws(() => clientWith({ mechanisms: [PLUS] }), ProtocolError)
  })
})

describe('a verifier', () => {
  test('is written and read as in pg_authid', () => {
    const verifier = verifierOf('right')
    const text = formatVerifier(verifier)
    assert.match(text, /^SCRAM-SHA-256\$10:CQkJCQkJCQkJCQkJCQkJCQ==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/)
    assert.deepEqual(parseVerifier(text), verifier)
  })
  test('of another shape is not read', () => {
    const text = formatVerifier(verifierOf('right'))
    for (const bad of [
      '',
      'md5',
      text.slice(1),
      text.slice(0, -1),
      `${text}x`,
      text.replace('$10:', '$0:'),
      text.replace('$10:', '$x:'),
    ]) {
      assert.equal(parseVerifier(bad), undefined, bad)
    }
  })
  test('does not contain the password', () => {
    assert.ok(!JSON.stringify(verifierOf('right')).includes('right'))
  })
})

describe('a password', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['of ASCII stays', 'I X', 'I X'],
    ['loses soft hyphens', 'I\u00adX', 'IX'],
    ['gets compatible characters composed', '\u00aa\u2168', 'aIX'],
    ['gets other spaces made plain', 'a\u00a0b', 'a b'],
    ['with a prohibited character is taken as it is', '\u00adé\u0007', '\u00adé\u0007'],
    ['that would become empty is taken as it is', '\u00ad', '\u00ad'],
  ]
  for (const [about, given, expected] of cases) {
    test(about, () => {
      assert.equal(saslprep(given).toString(), expected)
    })
  }
})

test('the md5 answer is that of the manual: md5 of (md5 of password and user) and salt', () => {
  const password = md5Password({ user: 'app', password: new Secret('secret'), salt: Buffer.from([1, 2, 3, 4]) })
  assert.equal(password.reveal(), 'md5911f527656472583a006e7727877b33e')
})
