import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName, targetName, type ApprovalId } from '../../src/model/ids.ts'
import type { Facts, SqlFacts } from '../../src/model/facts.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { RuleEffect } from '../../src/model/verdict.ts'
import { createClassifier } from '../../src/classify/sql/classify.ts'
import { RecorderError } from '../../src/recording/recorder-error.ts'
import { createGuard } from '../../src/session/guard.ts'
import type { GuardDeps, JudgeOptions, JudgeRequest } from '../../src/session/judgement.ts'
import type { HoldEnd } from '../../src/session/holds.ts'
import { Reader, type Reading } from '../../src/session/reading.ts'
import { createSqlMatter, type SqlMatterDeps } from '../../src/session/sql-matter.ts'
import { refused, type Ruling } from '../../src/session/ruling.ts'
import { CodedError } from '../../src/std/errors.ts'
import { Tally } from '../../src/std/tally.ts'
import { parser } from '../classify/sql/classified.ts'
import { shop } from '../classify/sql/shop-catalog.ts'
import { FakeClock } from '../store/fake-clock.ts'

const classify = createClassifier({ parse: parser.parse })
const scrub = scrubbedBy((text) => text)
const bob = { person: personName('bob'), reason: undefined }
const APPROVED: HoldEnd = { end: 'approved', by: [bob] }

type Deps = GuardDeps<SqlFacts, JudgeRequest, Reading>

function hall({
  sql,
  ...more
}: Partial<Deps> & { sql?: Partial<SqlMatterDeps>; effect?: RuleEffect; end?: HoldEnd } = {}) {
  const [log, clock] = [new Array<string>(), new FakeClock()]
  const [gone, cancelled] = [new AbortController(), new AbortController()]
  const say = (line: string): Promise<void> => Promise.resolve(void log.push(line))
  const world = { effect: more.effect ?? 'allow', version: 'p1', catalog: shop }
  const guard = createGuard({
    principal: { person: personName('alice'), roles: ['engineer'], service: false },
    rights: 'all',
    target: { name: targetName('cards'), protocol: 'postgres', database: 'shop', account: 'app', tags: [] },
    matter: createSqlMatter({
      reader: new Reader({
        classify: ({ text }, { searchPath, dirty }, catalog) =>
          classify(parser.parse(text), { catalog, searchPath, dirty, names: () => undefined }),
        redact: (text) => [text],
        scrub,
      }),
      catalog: () => world.catalog,
      freshCatalog: () => Promise.resolve(world.catalog),
      redactValue: () => null,
      digest: (_, reading) => JSON.stringify(reading.facts.map((facts) => [facts.classes, facts.effects])),
      ...sql,
    }),
    policy: () => ({ version: world.version, decide: () => verdict(world.effect, world.version) }),
    witness: {
      append: (event) => void log.push(event.kind === 'ruling' ? `ruling ${event.ruling}` : event.kind),
      handOver: () => void log.push('hand over'),
      settle: () => say('settle'),
    },
    holds: {
      open: () =>
        say('open').then(() => ({
          ...{ approval: 'a_1' as ApprovalId, link: '', expiresAt: 0 },
          settled: Promise.resolve(more.end ?? APPROVED),
        })),
      withdraw: (_, end) => say(`withdraw ${end}`),
      claim: () => say('claim').then(() => true),
      finish: (_, end) => say(`finish ${end}`),
    },
    scrub,
    tally: new Tally(['allow', 'hold', 'deny']),
    now: () => clock.now(),
    after: (ms, callback) => clock.after(ms, callback),
    ...more,
  })
  const options: JudgeOptions = { gone: gone.signal, cancelled: cancelled.signal }
  return { guard, log, world, options, gone, cancelled, clock }
}

const verdict = (effect: RuleEffect, policyVersion: string) => ({
  effect,
  matches: [{ rule: `test/${effect}`, effect, severity: 'high', message: 'why' } as const],
  holds: effect === 'hold' ? [{ rule: 'r', from: ['approver'] as const, need: 1, withinMs: 1, notify: [] }] : [],
  policyVersion,
})

function asking(text: string, more: Partial<JudgeRequest> = {}): JudgeRequest {
  return {
    ...{ frame: Buffer.from(text), message: 'query', transaction: 'idle', preparesOnly: false },
    statement: { kind: 'sql', dialect: 'postgres', text, parameters: [] },
    scope: {
      searchPath: shop.searchPath,
      dirty: false,
      settings: 0,
      statement: () => undefined,
      cursor: () => undefined,
    },
    screen: () => undefined,
    ...more,
  }
}

const kindOf = (ruling: Ruling): string => (ruling.outcome === 'cleared' ? 'cleared' : ruling.kind)
const SELECT = 'SELECT id FROM orders'

test('what is allowed is cleared without a promise, recorded first, and for its own frame alone', () => {
  const { guard, log, options } = hall()
  const request = asking(SELECT)
  const ruling = guard.judge(request, options)
  assert.ok(!(ruling instanceof Promise) && ruling.outcome === 'cleared')
  assert.deepEqual(log, ['statement', 'hand over'])
  assert.throws(() => ruling.clearance.spend(Buffer.from(SELECT)))
  assert.doesNotThrow(() => ruling.clearance.spend(request.frame))
})

test('what is denied is recorded with its ruling and says which rule', () => {
  const { guard, log, options } = hall({ effect: 'deny' })
  const ruling = guard.judge(asking(SELECT), options)
  assert.ok(!(ruling instanceof Promise) && ruling.outcome === 'refused')
  assert.deepEqual([ruling.kind, ruling.detail], ['denied', 'Rule: test/deny.'])
  assert.deepEqual(log, ['statement', 'ruling refused', 'hand over'])
})

test("the driver's objection comes before any verdict", () => {
  const { guard, options } = hall()
  const ruling = guard.judge(asking(SELECT, { screen: () => refused('names', 'no') }), options)
  assert.ok(!(ruling instanceof Promise))
  assert.equal(kindOf(ruling), 'names')
})

test('preparing what would be held holds nothing', () => {
  const { guard, options } = hall({ effect: 'hold' })
  const ruling = guard.judge(asking(SELECT, { preparesOnly: true }), options)
  assert.ok(!(ruling instanceof Promise))
  assert.equal(kindOf(ruling), 'cleared')
})

test('a hold is settled before it opens, its ruling before the claim', async () => {
  const { guard, log, options } = hall({ effect: 'hold' })
  assert.equal(kindOf(await guard.judge(asking(SELECT), options)), 'cleared')
  assert.deepEqual(log, [
    'statement',
    'settle',
    'open',
    'hold',
    'settle',
    'ruling cleared',
    'hand over',
    'settle',
    'claim',
  ])
})

const ENDS: readonly (readonly [HoldEnd, string])[] = [
  [{ end: 'denied', by: bob }, 'declined'],
  [{ end: 'expired', reason: '' }, 'expired'],
  [{ end: 'withdrawn', reason: '' }, 'withdrawn'],
  [{ end: 'void', reason: '' }, 'void'],
]
for (const [end, kind] of ENDS)
  test(`a hold that ends ${end.end} refuses and claims nothing`, async () => {
    const { guard, log, options } = hall({ effect: 'hold', end })
    assert.equal(kindOf(await guard.judge(asking(SELECT), options)), kind)
    assert.ok(log.includes('ruling refused') && !log.includes('claim'))
  })

test('a client that has left already opens no hold', async () => {
  const { guard, log, options, gone } = hall({ effect: 'hold' })
  gone.abort()
  assert.equal(kindOf(await guard.judge(asking(SELECT), options)), 'void')
  assert.ok(!log.includes('open'))
})

test('a store that opens no holds refuses, with its own words where it has some', async () => {
  const open = () => Promise.reject(new CodedError('E_HOLD_REFUSED', { clientMessage: 'too many wait' }))
  const holds = { open, withdraw: open, claim: open, finish: open }
  const { guard, options } = hall({ effect: 'hold', holds })
  const ruling = await guard.judge(asking(SELECT), options)
  assert.ok(ruling.outcome === 'refused')
  assert.deepEqual([ruling.kind, ruling.detail], ['unavailable', 'too many wait'])
})

test('a hold that cannot be recorded is taken back, and the session ends', async () => {
  let settles = 0
  const { guard, log, options } = hall({
    effect: 'hold',
    witness: {
      append: () => undefined,
      handOver: () => undefined,
      settle: () =>
        (settles += 1) < 2 ? Promise.resolve() : Promise.reject(new RecorderError('E_RECORDER_WRITE', 'full')),
    },
  })
  await assert.rejects(Promise.resolve(guard.judge(asking(SELECT), options)), RecorderError)
  assert.deepEqual(log, ['open', 'withdraw void'])
})

test('packs that tag a column between two looks are seen by the second, epoch or not', async () => {
  const orders = shop.relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => ({ ...column, classes: ['holder'] })),
  }))
  const tagged = { ...shop, relations: orders }
  const { guard, options } = hall({ effect: 'hold', sql: { freshCatalog: () => Promise.resolve(tagged) } })
  const ruling = await guard.judge(asking(SELECT), options)
  assert.ok(ruling.outcome === 'cleared')
  assert.ok(ruling.tagged)
})

test('a tagged read is judged against definitions of this moment, and against none where there are none', async () => {
  let judged: readonly Facts[] = []
  const { guard, options } = hall({
    sql: { freshCatalog: () => Promise.resolve(undefined) },
    policy: () => ({ version: 'p1', decide: ({ facts }) => ((judged = facts), verdict('allow', 'p1')) }),
  })
  await guard.judge(asking('SELECT pan FROM cards'), options)
  assert.equal(judged[0]?.complete, false)
})

async function cleared(world: ReturnType<typeof hall>) {
  const ruling = await world.guard.judge(asking(SELECT), world.options)
  assert.ok(ruling.outcome === 'cleared')
  return ruling
}

test('the first frame of what was cleared needs no line of its own, a further one has its own', async () => {
  const world = hall()
  const since = await cleared(world)
  const first = world.guard.renew(since, Buffer.from('E'))
  const again = await world.guard.proceed({ ...asking(SELECT), since }, world.options)
  assert.ok(again.outcome === 'cleared')
  assert.deepEqual([since.statement, first?.statement, again.statement], [1, 1, 2])
})

for (const [about, move] of [
  ['definitions', (world: ReturnType<typeof hall>['world']) => (world.catalog = { ...shop, epoch: 'moved' })],
  ['packs', (world: ReturnType<typeof hall>['world']) => (world.version = 'p2')],
] as const)
  test(`what was cleared is judged anew once ${about} moved`, async () => {
    const world = hall()
    const since = await cleared(world)
    move(world.world)
    world.world.effect = 'deny'
    assert.equal(world.guard.renew(since, Buffer.from('E')), undefined)
    assert.equal(kindOf(await world.guard.proceed({ ...asking(SELECT), since }, world.options)), 'denied')
  })

test('a hold whose rows have moved far beyond what was shown is asked anew, and runs once that is approved', async () => {
  const rows = [3, 3_000_000, 3_000_000, 3_000_000]
  const planner = (): Promise<number[]> => Promise.resolve([rows.shift() ?? 0])
  const { guard, log, options } = hall({ effect: 'hold', sql: { planner } })
  assert.equal(kindOf(await guard.judge(asking('DELETE FROM orders'), options)), 'cleared')
  assert.deepEqual(
    log.filter((line) => /open|withdraw|ruling|claim/.test(line)),
    ['open', 'withdraw void', 'ruling refused', 'open', 'ruling cleared', 'claim'],
  )
})

test('a statement that was approved ahead is recorded under its script and never held; a void one is refused', async () => {
  const approval = 'x_abcdefghij01' as ApprovalId
  const by = [bob.person]
  const approved = hall({
    effect: 'hold',
    preapproved: () => Promise.resolve({ outcome: 'approved', approval, by, reason: 'ahead' }),
  })
  const ruling = await approved.guard.judge(asking(SELECT), approved.options)
  assert.ok(ruling.outcome === 'cleared' && ruling.approval === approval)
  assert.deepEqual(approved.log, ['statement', 'ruling cleared', 'hand over', 'settle'])
  const voided = hall({
    preapproved: () => Promise.resolve({ outcome: 'void', approval, message: 'the script is void' }),
  })
  assert.equal(kindOf(await voided.guard.judge(asking(SELECT), voided.options)), 'void')
  const denied = hall({ effect: 'deny', preapproved: () => assert.fail('a denial stands') })
  assert.equal(kindOf(await denied.guard.judge(asking(SELECT), denied.options)), 'denied')
  const none = hall({ effect: 'hold', preapproved: () => Promise.resolve(undefined) })
  assert.equal(kindOf(await none.guard.judge(asking(SELECT), none.options)), 'cleared')
  assert.ok(none.log.includes('open'), 'as always')
})
