import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlFacts } from '../../src/model/facts.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { RuleEffect, Verdict } from '../../src/model/verdict.ts'
import { Verdicts } from '../../src/session/verdicts.ts'

function packs() {
  const world = { version: 'p1', effect: 'allow' as RuleEffect, asked: 0 }
  const decide = (): Verdict => {
    world.asked += 1
    const { effect, version: policyVersion } = world
    const rule = `test/${effect}`
    return { effect, matches: [{ rule, effect, severity: 'low', message: 'why' }], holds: [], policyVersion }
  }
  const verdicts = new Verdicts({
    policy: () => ({ version: world.version, decide }),
    principal: { person: personName('alice'), roles: ['engineer'], service: false },
    rights: 'all',
    target: { name: targetName('cards'), protocol: 'postgres', database: 'shop', account: 'app', tags: [] },
  })
  return { world, verdicts }
}

test('facts that come again are not judged again, until the packs have moved', () => {
  const { world, verdicts } = packs()
  const facts: readonly SqlFacts[] = []
  assert.equal(verdicts.of(facts), verdicts.of(facts))
  assert.equal(world.asked, 1)
  Object.assign(world, { version: 'p2', effect: 'deny' })
  assert.equal(verdicts.of(facts).verdict.effect, 'deny')
})

test('what the recording keeps is the same object while it is the same', () => {
  const { world, verdicts } = packs()
  const [first, second] = [verdicts.of([]).kept, verdicts.of([]).kept]
  assert.equal(first, second)
  world.effect = 'hold'
  const third = verdicts.of([]).kept
  assert.deepEqual(third, { effect: 'hold', rules: ['test/hold'], policyVersion: 'p1' })
  Object.assign(world, { version: 'p2' })
  assert.deepEqual(verdicts.of([]).kept, { ...third, policyVersion: 'p2' })
})
