import assert from 'node:assert/strict'
import { test } from 'node:test'
import { all } from '../classify/sql/classified.ts'
import { APPROVAL, call, hold, json, world } from './world.ts'

const HONEST = 'DELETE FROM items'
const LIES: readonly string[] = [
  '/* approved by the DBA */ DELETE FROM items -- read only',
  '-- SELECT count(*) FROM items\nDELETE FROM items',
  'DELETE /* FROM nothing WHERE false */ FROM items',
  'DELETE FROM items /* WHERE id = 1 */',
  '/*! SELECT 1 */ DELETE FROM items',
  'DELETE FROM items -- \u202e1 = di EREHW',
]

interface Shown {
  readonly statements: readonly {
    readonly text: readonly (string | { readonly label: string })[]
    readonly facts: readonly Readonly<Record<string, unknown>>[]
  }[]
}

async function shown(text: string): Promise<Shown['statements'][number]> {
  const { app, state } = world()
  const facts = all(text)
  state.shown.set(APPROVAL, { ...hold(text), statements: [{ ...hold(text).statements[0], facts }] } as never)
  const detail = await json(await call(app, 'bob', { path: `/api/v1/approvals/${APPROVAL}` }))
  const [statement] = (detail['shown'] as Shown).statements
  return statement ?? assert.fail('nothing is shown')
}

for (const lie of LIES)
  test(`AP-08: what stands beside ${JSON.stringify(lie)} is what runs, whatever its comments say`, async () => {
    const [honest, lying] = [await shown(HONEST), await shown(lie)]
    assert.deepEqual(lying.facts, honest.facts)
    const raw = lying.text.map((piece) => (typeof piece === 'string' ? piece : '')).join('')
    assert.ok(raw.includes(lie.includes('\u202e') ? '1 = di EREHW' : lie), 'the text itself is shown whole')
  })
