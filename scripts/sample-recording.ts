// Writes recordings/sample through the real recorder, with a clock of its own and a key that anybody can make: what it signs proves nothing
// but that the format works. Run it again after a change of the format; the old sample then moves to test/recording/golden.
import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Effect, Verb } from '../src/model/facts.ts'
import { personName, targetName, type ApprovalId, type SessionId } from '../src/model/ids.ts'
import type { RedactedText, ValueToken } from '../src/model/redacted.ts'
import { scrubbedBy } from '../src/model/scrubbed.ts'
import type { HoldTerms, RuleEffect } from '../src/model/verdict.ts'
import type { ResultEvent, StatementEvent } from '../src/recording/event.ts'
import { nodeFiles } from '../src/recording/files.ts'
import { openLedger } from '../src/recording/ledger.ts'
import { signerOf } from '../src/recording/seal.ts'
import { createRecorder } from '../src/recording/writer.ts'
import type { Clock } from '../src/std/clock.ts'

const folder = path.join(import.meta.dirname, '..', 'recordings', 'sample')
const POLICY = '5a9c01d2e3f40b16'
// Every text below is made up, so there is nothing to scrub.
const clean = scrubbedBy((text) => text)

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const seed = Buffer.from(hash('sha256', 'countersign sample key, known to everybody', 'hex'), 'hex')
const key = createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, seed]), format: 'der', type: 'pkcs8' })
const signer = signerOf(key)

let millis = Date.UTC(2026, 10, 22, 9, 30, 0)
const start = millis
const pass = (ms: number): void => void (millis += ms)
const clock: Clock = {
  nowMicros: () => BigInt(millis) * 1000n,
  now: () => millis,
  monoMicros: () => (millis - start) * 1000,
  after: () => () => undefined,
}

const withheld = (kind: ValueToken['withheld'], bytes: number, tag: string): ValueToken => ({
  withheld: kind,
  bytes,
  tag,
})

interface Told {
  readonly text: RedactedText
  readonly verbs: readonly Verb[]
  readonly effects: readonly Effect[]
  readonly tables?: readonly string[]
  readonly classes?: readonly string[]
  readonly effect?: RuleEffect
  readonly rules: readonly string[]
  readonly message?: StatementEvent['message']
  readonly values?: StatementEvent['values']
}

let number = 0
function statement({
  text,
  verbs,
  effects,
  tables = [],
  classes = [],
  effect = 'allow',
  rules,
  message = 'query',
  values = [],
}: Told): StatementEvent {
  number += 1
  const facts = [{ verbs, effects, tables: tables.map(clean), columns: [], classes, complete: true, gaps: [] }]
  return {
    kind: 'statement',
    statement: number,
    message,
    text,
    values,
    facts,
    verdict: { effect, rules, policyVersion: POLICY },
  }
}

const result = (told: Partial<ResultEvent>): ResultEvent => ({
  ...{
    kind: 'result',
    statement: number,
    end: 'done',
    sqlstate: undefined,
    tag: undefined,
    rows: 0,
    bytes: 0,
    ms: 1,
    masked: 0,
    pans: 0,
  },
  ...told,
})

const approval = (text: string): ApprovalId => text as ApprovalId
const terms = (rule: string): HoldTerms => ({ rule, from: ['approver'], need: 1, withinMs: 900_000, notify: [] })

rmSync(folder, { recursive: true, force: true })
mkdirSync(path.join(folder, 'keys'), { recursive: true })
const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' })
writeFileSync(path.join(folder, 'keys', `${signer.keyId}.pem`), pem)

const fail = (): never => {
  throw new Error('the sample could not be written')
}
const node = { folder, files: nodeFiles, clock, signer, node: 'sample', version: '0.1.0', onFailure: fail }
const { ledger } = await openLedger(node)
const recorder = createRecorder({ ...node, ledger })
pass(2000)
const recording = recorder.open({
  session: 's_sample00000000000001' as SessionId,
  person: personName('alice'),
  account: clean('alice@cards'),
  upstreamAccount: 'app',
  roles: ['engineer'],
  service: false,
  address: '127.0.0.1:50432',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', clientCertificate: undefined },
  target: targetName('cards'),
  protocol: 'postgres',
  database: clean('cards'),
  tags: ['cde'],
  grant: undefined,
  credential: undefined,
  application: clean('psql'),
  policyVersion: POLICY,
})

pass(1800)
recording.append(
  statement({
    text: ['SELECT id, holder, pan, cvv FROM cards LIMIT 3;'],
    verbs: ['select'],
    effects: ['read'],
    tables: ['public.cards'],
    classes: ['pan', 'cvv'],
    rules: ['reads-of-cards-are-masked'],
  }),
)
recording.handOver()
pass(12)
recording.append(result({ tag: clean('SELECT 3'), rows: 3, bytes: 162, ms: 12, masked: 6 }))

pass(2600)
recording.append(
  statement({
    text: ['SELECT amount, state\n  FROM payments\n WHERE card_id = $1'],
    values: [[withheld('number', 4, '5be2a01c77f3')]],
    message: 'bind',
    verbs: ['select'],
    effects: ['read'],
    tables: ['public.payments'],
    rules: ['harmless-reads'],
  }),
)
recording.handOver()
pass(4)
recording.append(result({ tag: clean('SELECT 2'), rows: 2, bytes: 58, ms: 4 }))

pass(3200)
recording.append(
  statement({
    text: ['DELETE FROM payments;'],
    verbs: ['delete'],
    effects: ['write', 'unfiltered-write'],
    tables: ['public.payments'],
    effect: 'hold',
    rules: ['unfiltered-write'],
  }),
)
const first = approval('a_sample000001')
recording.append({
  kind: 'hold',
  statement: number,
  approval: first,
  digest: hash('sha256', 'one'),
  terms: [terms('unfiltered-write')],
})
await recording.settle()
pass(9400)
recording.append({
  kind: 'ruling',
  statement: number,
  ruling: 'cleared',
  approval: first,
  by: [personName('bob')],
  reason: clean('month-end clean-up, ticket OPS-7'),
})
await recording.settle()
pass(31)
recording.append(result({ tag: clean('DELETE 5000'), rows: 5000, ms: 31 }))

pass(2100)
recording.append(
  statement({
    text: ['UPDATE cards SET holder = ', withheld('text', 5, '90cc1f2be8aa'), ';'],
    verbs: ['update'],
    effects: ['write', 'unfiltered-write'],
    tables: ['public.cards'],
    classes: ['pan', 'cvv', 'holder'],
    effect: 'hold',
    rules: ['unfiltered-write'],
  }),
)
const second = approval('a_sample000002')
recording.append({
  kind: 'hold',
  statement: number,
  approval: second,
  digest: hash('sha256', 'two'),
  terms: [terms('unfiltered-write')],
})
await recording.settle()
pass(5200)
recording.append({
  kind: 'ruling',
  statement: number,
  ruling: 'refused',
  approval: second,
  by: [personName('bob')],
  reason: clean('this would rename every holder'),
})

pass(1500)
recording.append(
  statement({
    text: ['COPY cards TO PROGRAM ', withheld('text', 14, 'c41d77e0529b'), ';'],
    verbs: ['copy'],
    effects: ['read', 'program'],
    tables: ['public.cards'],
    classes: ['pan', 'cvv'],
    effect: 'deny',
    rules: ['programs-on-the-server'],
  }),
)
recording.handOver()

pass(2400)
recording.append(
  statement({
    text: ['SELECT * FROM card;'],
    verbs: ['select'],
    effects: ['read'],
    rules: ['harmless-reads'],
  }),
)
recording.handOver()
pass(3)
recording.append(result({ end: 'failed', sqlstate: '42P01', ms: 3 }))
pass(4000)
await recording.close({ reason: 'client-left' })
recorder.stop()
await ledger.stop('the story ends')
