import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Script } from '../../src/approvals/script.ts'
import { createClassifier } from '../../src/classify/sql/classify.ts'
import type { Catalog } from '../../src/model/catalog.ts'
import { personName, targetName, type SessionId } from '../../src/model/ids.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import type { JudgeRequest } from '../../src/session/judgement.ts'
import { packContent, textOfPart, unpackContent } from '../../src/session/script-content.ts'
import { readScript, type ScriptRead, type ScriptReadingDeps } from '../../src/session/script-reading.ts'
import { ScriptRun } from '../../src/session/script-run.ts'
import { parser } from '../classify/sql/classified.ts'
import { relation, shop } from '../classify/sql/shop-catalog.ts'
import { script } from '../http/script-fakes.ts'

const classify = createClassifier({ parse: parser.parse })
const alice = { person: personName('alice'), roles: ['engineer'] as const, service: false }
const target = { name: targetName('cards'), protocol: 'postgres', database: 'shop', account: 'app', tags: [] } as const

/** Holds what changes definitions or every row, denies what it does not know. */
function decide(effects: readonly string[], version: string): Verdict {
  const name = effects.includes('file') ? 'deny' : /ddl|unfiltered/.test(effects.join()) ? 'hold' : 'allow'
  const terms = { rule: 'test/hold', from: ['approver'] as const, need: 1, withinMs: 1000, notify: [] }
  const match = { rule: `test/${name}`, effect: name, severity: 'high', message: 'why' } as const
  return { effect: name, matches: [match], holds: name === 'hold' ? [terms] : [], policyVersion: version }
}

const reading = (version = 'p1'): ScriptReadingDeps => ({
  classify: ({ text }, { searchPath, dirty }, catalog) =>
    classify(parser.parse(text), { catalog, searchPath, dirty, names: () => undefined }),
  redact: (text) => [text],
  policy: () => ({
    version,
    decide: ({ facts }) =>
      decide(
        facts.flatMap((one) => one.effects),
        version,
      ),
  }),
  maxBytes: 4096,
})

const read = (text: string, catalog: Catalog | undefined = shop) =>
  readScript(reading(), { text, principal: alice, target, rights: 'all', catalog })

async function accepted(text: string): Promise<ScriptRead> {
  const found = await read(text)
  if (found.outcome === 'refused') throw new Error(found.message)
  return found
}

/** A claimed script and a session that sends what it is told, against definitions that a test may change. */
async function running(text: string, more: Partial<Script> = {}) {
  const { content, holds } = await accepted(text)
  const log: string[] = []
  const world = { catalog: shop, version: 'p1', settings: 0, dirty: false, may: true }
  const run = new ScriptRun({
    script: script({ holds, policyVersion: 'p1', ...more }),
    // As it comes out of the store.
    content: unpackContent(packContent(content)),
    session: 's_1' as SessionId,
    scripts: {
      advance: (_, __, position) => Promise.resolve(world.may && log.push(`advance ${position}`) > 0),
      finish: (_, to, detail) => Promise.resolve(log.push(`${to}: ${detail}`) > 0),
    },
    onError: (error) => assert.fail(String(error)),
  })
  const send = async (sent: string, request: Partial<JudgeRequest> = {}) => {
    const { catalog, dirty, settings } = world
    const { searchPath } = catalog
    const statement = { kind: 'sql', dialect: 'postgres', text: sent, parameters: [] } as const
    const facts = classify(parser.parse(sent), { catalog, searchPath, dirty, names: () => undefined })
    const asked: JudgeRequest = {
      ...{ frame: Buffer.from(sent), message: 'query', transaction: 'idle', preparesOnly: false, statement },
      scope: { searchPath, dirty, settings, statement: () => undefined, cursor: () => undefined },
      screen: () => undefined,
      ...request,
    }
    const found = { facts, redacted: [], kept: [], catalog, epoch: catalog.epoch, tagged: false, wantsFresh: false }
    const verdict = decide(
      facts.flatMap((one) => one.effects),
      world.version,
    )
    const ahead = await run.preapproved({ request: asked, reading: found, verdict })
    return ahead?.outcome === 'void' ? ahead.message : ahead?.outcome
  }
  const part = (at: number): string => textOfPart(content, content.parts[at] ?? { start: 0, end: 0 })
  const next = async (at: number, request: Partial<JudgeRequest> = {}) => {
    const said = await send(part(at), request)
    if (said === 'approved') run.ended('done', 'completed')
    return said
  }
  return { run, send, next, part, log, world, content }
}

const moved = (relations: Catalog['relations'], epoch = 'shop-2'): Catalog => ({ ...shop, epoch, relations })

test('a script is split by the grammar, whatever stands in literals, comments and dollar quotes', async () => {
  const text = `-- one; two\nUPDATE items SET name = 'a;b' WHERE id = 1;/* ; */ SELECT $$;$$ ;\n SELECT 2 -- end;`
  const { content, statements } = await accepted(text)
  assert.equal(statements.length, 3)
  assert.deepEqual(
    content.parts.map((part) => textOfPart(content, part)),
    ["UPDATE items SET name = 'a;b' WHERE id = 1", 'SELECT $$;$$ ', 'SELECT 2 -- end;'],
  )
})

test('what cannot be asked for is refused with the statement to blame', async () => {
  const cases: readonly (readonly [string, RegExp, number | undefined])[] = [
    ['', /no statement/, undefined],
    ['-- nothing', /no statement/, undefined],
    ['SELECT 1;\n\nSELEC 2', /^line 3: syntax error/, undefined],
    ["SELECT 1; SELECT pg_read_file('x')", /why \(test\/deny\)/, 2],
    ['SELECT 1; COPY items FROM STDIN', /needs the client/, 2],
    ['BEGIN; DELETE FROM items WHERE id = 1', /does not end/, undefined],
    [`SELECT '${'x'.repeat(5000)}'`, /longer than 4096 bytes/, undefined],
    ['SELECT 1;'.repeat(501).slice(0, 4096), /statements|longer/, undefined],
    ['SELECT 1\0', /NUL/, undefined],
  ]
  for (const [text, message, statement] of cases) {
    const found = await read(text)
    assert.ok(found.outcome === 'refused', text.slice(0, 40))
    if (!text.startsWith('SELECT 1;SELECT 1;')) assert.match(found.message, message)
    assert.equal(found.statement, statement)
  }
  const unknown = await readScript(reading(), {
    text: 'SELECT 1',
    principal: alice,
    target,
    rights: 'all',
    catalog: undefined,
  })
  assert.ok(unknown.outcome === 'refused' && /could not be read/.test(unknown.message))
})

test('the holds of a script are those of its statements, each once', async () => {
  const { holds, matches, statements } = await accepted('DELETE FROM items; SELECT 1; DELETE FROM orders')
  assert.equal(holds.length, 1)
  assert.equal(matches.length, 1)
  assert.deepEqual(
    statements.map(({ rules }) => rules.length),
    [1, 0, 1],
  )
})

test('in their order its statements pass, what would be held and what would not, and then it is done', async () => {
  const { next, log } = await running('DELETE FROM items; SELECT id FROM orders; DELETE FROM orders')
  assert.deepEqual([await next(0), await next(1), await next(2)], ['approved', 'approved', 'approved'])
  assert.deepEqual(log, ['advance 1', 'advance 2', 'advance 3', 'done: all 3 statements completed'])
  assert.equal(await next(0), undefined, 'and nothing after it')
})

test('one byte more, another order, values, or another message end the run: it is judged as always', async () => {
  const text = 'DELETE FROM items; DELETE FROM orders'
  const parameters = [{ type: 23, format: 'text', value: Buffer.from('1') }] as const
  const cases: readonly ((of: Awaited<ReturnType<typeof running>>) => Promise<unknown>)[] = [
    ({ send, part }) => send(`${part(0)} `),
    ({ send, part }) => send(part(0).toLowerCase()),
    ({ next }) => next(1),
    ({ next }) => next(0, { message: 'bind' }),
    ({ next }) => next(0, { statement: { kind: 'sql', dialect: 'postgres', text: 'DELETE FROM items', parameters } }),
  ]
  for (const wrong of cases) {
    const of = await running(text)
    assert.equal(await wrong(of), undefined)
    assert.match(of.log[0] ?? '', /^stopped: something else than statement 1/)
    assert.equal(await of.next(0), undefined)
  }
})

test('a statement that failed, or has not ended yet, has no next one', async () => {
  const failed = await running('DELETE FROM items; DELETE FROM orders')
  assert.equal(await failed.send(failed.part(0)), 'approved')
  failed.run.ended('done', 'failed')
  assert.equal(await failed.next(1), undefined)
  assert.deepEqual(failed.log, ['advance 1', 'stopped: statement 1 of 2 failed'])
  const early = await running('DELETE FROM items; DELETE FROM orders')
  assert.equal(await early.send(early.part(0)), 'approved')
  assert.equal(await early.send(early.part(1)), undefined)
})

test('a session that ends, or breaks, in the middle leaves it stopped or unknown', async () => {
  const left = await running('DELETE FROM items; DELETE FROM orders')
  await left.next(0)
  await left.run.close()
  assert.equal(left.log.at(-1), 'stopped: its session ended after statement 1 of 2')
  const broken = await running('DELETE FROM items; DELETE FROM orders')
  await broken.send(broken.part(0))
  broken.run.ended('unknown', 'the connection ended before the target answered')
  await broken.run.close()
  assert.equal(broken.log.at(-1), 'unknown: statement 1 of 2: the connection ended before the target answered')
})

test('what changed since it was approved makes it void, and says what', async () => {
  const others = shop.relations.filter(({ name }) => name !== 'items')
  const cases: readonly (readonly [string, RegExp, (of: Awaited<ReturnType<typeof running>>) => void])[] = [
    ['the packs', /the packs have changed/, ({ world }) => (world.version = 'p2')],
    ['a setting', /a setting of the session was changed/, ({ world }) => (world.settings = 1)],
    ['a column', /defined differently/, ({ world }) => (world.catalog = moved([...others, relation('items', ['id', 'name text'])]))], // prettier-ignore
    ['a table gone', /defined differently/, ({ world }) => (world.catalog = moved(others))],
    ['the path', /search path/, ({ world }) => (world.catalog = { ...shop, searchPath: ['other', 'public'] })],
    ['the grant', /grant, the session or a person/, ({ world }) => (world.may = false)],
  ]
  for (const [what, message, change] of cases) {
    const of = await running('DELETE FROM items')
    change(of)
    assert.match((await of.next(0)) ?? '', message, what)
    if (what !== 'the grant') assert.match(of.log.at(-1) ?? '', /^void: statement 1: /, what)
    assert.equal(await of.next(0), undefined, 'for good')
  }
})

test('a definition that it does not touch makes nothing void, unless it has parts that nobody understood', async () => {
  const unrelated = moved([...shop.relations, relation('brand_new', ['id'])])
  const plain = await running('DELETE FROM items')
  plain.world.catalog = unrelated
  assert.equal(await plain.next(0), 'approved')
  const opaque = await running('SELECT addone(1)')
  opaque.world.catalog = unrelated
  assert.match((await opaque.next(0)) ?? '', /a definition has changed/)
})

test('statements behind its own changes of definitions pass against what those made', async () => {
  const text = 'CREATE TABLE notes (id integer); ALTER TABLE items ADD COLUMN note integer; UPDATE items SET note = 1 WHERE id = 1; INSERT INTO notes VALUES (1)' // prettier-ignore
  const { next, world } = await running(text)
  assert.equal(await next(0), 'approved')
  const others = shop.relations.filter(({ name }) => name !== 'items')
  const [items] = shop.relations.filter(({ name }) => name === 'items')
  const notes = relation('notes', ['id'])
  world.catalog = moved([...shop.relations, notes], 'shop-2')
  assert.equal(await next(1), 'approved')
  const altered = relation('items', [...(items?.columns ?? []).map(({ name }) => name), 'note'])
  world.catalog = moved([...others, altered, notes], 'shop-3')
  assert.equal(await next(2), 'approved')
  assert.equal(await next(3), 'approved')
})

test('behind its own changes, what somebody else changed or put in the place of a table makes it void', async () => {
  const text = 'ALTER TABLE items ADD COLUMN note integer; DELETE FROM orders'
  const [orders] = shop.relations.filter(({ name }) => name === 'orders')
  const others = shop.relations.filter(({ name }) => name !== 'orders')
  assert.ok(orders !== undefined)
  const changed = await running(text)
  await changed.next(0)
  changed.world.catalog = moved([...others, relation('orders', ['id', 'customer_id'])])
  assert.match((await changed.next(1)) ?? '', /public.orders is defined differently now/)
  const replaced = await running(text)
  await replaced.next(0)
  replaced.world.catalog = moved([...others, { ...orders, oid: 99_999 }])
  assert.match((await replaced.next(1)) ?? '', /public.orders is another relation now/)
  const later = await running(`${text}; SELECT 1; DELETE FROM customers`)
  await later.next(0)
  later.world.catalog = moved(shop.relations, 'shop-2')
  assert.equal(await later.next(1), 'approved')
  later.world.catalog = moved([...shop.relations, relation('brand_new', ['id'])], 'shop-3')
  assert.match((await later.next(2)) ?? '', /somebody else changed definitions while it ran/)
})

test('its own settings count, and a name that was nowhere when it was approved is not touched', async () => {
  const setting = await running("SET statement_timeout = '5s'; DELETE FROM items")
  assert.equal(await setting.next(0), 'approved')
  setting.world.settings = 1
  assert.equal(await setting.next(1), 'approved')
  const ghost = await running('ALTER TABLE items ADD COLUMN note integer; DELETE FROM ghosts')
  await ghost.next(0)
  ghost.world.catalog = moved([...shop.relations, relation('ghosts', ['id'])])
  assert.match((await ghost.next(1)) ?? '', /public.ghosts was not there when it was approved/)
})

test('a hold whose approvers were not asked is not covered', async () => {
  const of = await running('DELETE FROM items', { holds: [] })
  assert.match((await of.next(0)) ?? '', /a rule now whose approvers were not asked/)
})

test('what is stored comes out as it went in, and anything else does not', () => {
  assert.throws(() => unpackContent('{}'))
  assert.throws(() => unpackContent('no'))
  assert.equal('x_abcdefghij01', script().id)
})
