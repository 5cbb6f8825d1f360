import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { loadPack } from '../../src/policy/load.ts'
import { createPolicy } from '../../src/policy/decide.ts'
import type { PolicySet } from '../../src/policy/decide.ts'
import { createPolicyNotes } from '../../src/wiring/policy-notes.ts'
import { createTlsNotes } from '../../src/wiring/tls-notes.ts'
import { createTurnedNotes } from '../../src/wiring/turned-notes.ts'
import { scratchFolder, scratchStore } from '../store/scratch.ts'
import { testCertificates } from '../support/certificates.ts'

function ledger() {
  const notes: LedgerNote[] = []
  return {
    notes,
    append: (note: LedgerNote) => {
      notes.push(note)
      return { seq: notes.length, hash: '' }
    },
    record: (...more: readonly LedgerNote[]) => {
      notes.push(...more)
      return Promise.resolve()
    },
  }
}

function policyOf(packs: Readonly<Record<string, string>>): PolicySet {
  return createPolicy(
    Object.entries(packs).map(([name, description]) => {
      const { pack } = loadPack(`name: ${name}\ndescription: ${description}\nrules: []\n`, `${name}.yaml`)
      assert.ok(pack)
      return pack
    }),
  )
}

const fail = (thrown: unknown): void => assert.fail(String(thrown))

test('a change of the packs says what was in force before and after, and which files differ', async (context) => {
  const { store, clock } = scratchStore(context)
  const book = ledger()
  const notes = createPolicyNotes({ ledger: book, settings: store.settings, clock, onError: fail })
  const [first, second] = [policyOf({ pci: 'one', own: 'x' }), policyOf({ pci: 'two', own: 'x', more: 'y' })]
  await notes.loaded(first)
  notes.changed(first, second)
  notes.refused(second, 3)
  assert.deepEqual(
    book.notes.map(({ kind, by, origin, resource, outcome, detail }) => [kind, by, origin, resource, outcome, detail]),
    [
      [
        'policy.loaded',
        'local',
        'local',
        'policy',
        'done',
        { before: null, after: first.version, packs: ['pci', 'own'] },
      ],
      [
        ...['policy.changed', 'local', 'local', 'policy', 'done'],
        { before: first.version, after: second.version, packs: ['pci', 'more'] },
      ],
      ['policy.refused', 'local', 'local', 'policy', 'refused', { inForce: second.version, problems: 3 }],
    ],
  )
})

test('packs that were changed while nothing ran show at the next start', async (context) => {
  const { store, clock } = scratchStore(context)
  const book = ledger()
  const start = (policy: PolicySet): Promise<void> =>
    createPolicyNotes({ ledger: book, settings: store.settings, clock, onError: fail }).loaded(policy)
  const [loose, strict] = [policyOf({ pci: 'loose' }), policyOf({ pci: 'strict' })]
  await start(strict)
  await start(loose)
  await start(loose)
  assert.deepEqual(
    book.notes.map(({ kind, detail }) => [kind, detail['before'], detail['after']]),
    [
      ['policy.loaded', null, strict.version],
      ['policy.changed', strict.version, loose.version],
      ['policy.loaded', loose.version, loose.version],
    ],
  )
})

test('whoever is turned away is told at once, and again and again no more than once a minute', (context) => {
  const { clock } = scratchStore(context)
  const book = ledger()
  const turned = createTurnedNotes({ ledger: book, clock, onError: fail })
  const stale = { by: undefined, address: '10.0.0.9', route: 'me', why: 'token' } as const
  for (let n = 0; n < 500; n += 1) turned(stale)
  turned({ by: 'alice', address: '10.0.0.9', route: 'people', why: 'role' })
  turned({ by: 'alice', address: '10.0.0.9', route: 'console:people', why: 'role' })
  clock.advance(60_000)
  turned(stale)
  assert.deepEqual(
    book.notes.map(({ kind, by, origin, outcome, resource, detail }) => [kind, by, origin, outcome, resource, detail]),
    [
      ['access.refused', 'unknown', '10.0.0.9', 'refused', 'api:me', { why: 'token', since: 0 }],
      ['access.refused', 'alice', '10.0.0.9', 'refused', 'api:people', { why: 'role', since: 0 }],
      ['access.refused', 'alice', '10.0.0.9', 'refused', 'console:people', { why: 'role', since: 0 }],
      ['access.refused', 'unknown', '10.0.0.9', 'refused', 'api:me', { why: 'token', since: 499 }],
    ],
  )
})

test('a flood from a thousand places is told and kept in bounds', (context) => {
  const { clock } = scratchStore(context)
  const book = ledger()
  const turned = createTurnedNotes({ ledger: book, clock, onError: fail })
  for (let n = 0; n < 2500; n += 1)
    turned({ by: undefined, address: `10.0.${n >> 8}.${n & 255}`, route: 'me', why: 'token' })
  assert.equal(book.notes.length, 2500)
})

test('a certificate that was read again is in the ledger by its fingerprint, and one that cannot be used as refused', (context) => {
  const { clock } = scratchStore(context)
  const book = ledger()
  const notes = createTlsNotes({ ledger: book, clock, onError: fail })
  const cert = path.join(scratchFolder(context), 'cert.pem')
  writeFileSync(cert, testCertificates().server.cert)
  notes.reloaded({ cert })
  notes.refused()
  const [done, refused] = book.notes
  assert.deepEqual([done?.kind, done?.by, done?.outcome, done?.resource], ['tls.reloaded', 'local', 'done', 'tls'])
  assert.match(JSON.stringify(done?.detail), /^{"fingerprint":"[0-9a-f]{64}","subject":".*","until":"\d{4}-[^"]+Z"}$/)
  assert.deepEqual([refused?.kind, refused?.outcome, refused?.detail], ['tls.reloaded', 'refused', {}])
})
