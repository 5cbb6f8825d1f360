import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { SessionId } from '../../src/model/ids.ts'
import { clean, header, recordSession, result, statement } from '../recording/node.ts'
import { deskWorld } from './world.ts'

const FIRST = 's_00000000000000000001' as SessionId
const SECOND = 's_00000000000000000002' as SessionId
const RULINGS = [
  [2, 'cleared'],
  [3, 'refused'],
  [4, 'refused'],
] as const
const VERDICTS = ['allow', 'hold', 'hold', 'deny'] as const

test('a session in numbers: statements by verdict, holds by their end, failures and masked cells', async (test) => {
  const { node, desk, index } = await deskWorld(test)
  const recording = node.recorder.open(header(FIRST))
  for (const [at, effect] of VERDICTS.entries())
    recording.append(statement(at + 1, { verdict: { effect, rules: ['r'], policyVersion: '0123456789abcdef' } }))
  for (const [number, ruling] of RULINGS)
    recording.append({ kind: 'ruling', statement: number, ruling, approval: undefined, by: [], reason: clean('') })
  recording.append(result(1, { masked: 5 }))
  recording.append(result(2, { end: 'failed', masked: 2 }))
  await recording.close({ reason: 'client-left' })
  await recordSession(node, SECOND, 3)
  await index.refresh()
  assert.deepEqual(await desk.tally(FIRST), {
    verdicts: { allow: 1, hold: 2, deny: 1 },
    // A denial is no hold, though it is refused as well.
    ...{ cleared: 1, refused: 1, failed: 1, masked: 7 },
  })
})

test('verification of one session says what is wrong with it and nothing of its neighbours', async (test) => {
  const { node, desk } = await deskWorld(test)
  await recordSession(node, FIRST, 2)
  await recordSession(node, SECOND, 2)
  assert.deepEqual(await desk.verify(FIRST), { status: 'intact', events: 7, findings: [] })
  const file = path.join(node.folder, SECOND, 'events.ndjson')
  writeFileSync(file, readFileSync(file, 'utf8').replace('SELECT', 'DELETE'))
  const broken = await desk.verify(SECOND)
  assert.equal(broken?.status, 'broken')
  assert.ok(broken.findings.length > 0)
  assert.deepEqual(await desk.verify(FIRST), { status: 'intact', events: 7, findings: [] })
  rmSync(path.join(node.folder, FIRST), { recursive: true })
  assert.equal(await desk.verify(FIRST), undefined)
})
