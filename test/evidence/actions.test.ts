import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clean, header, sessionId, statement } from '../recording/node.ts'
import { CAROL, deskWorld } from './world.ts'

test('commands are found by their text and by the paths that they touch, with how they ended', async (context) => {
  const { desk, index, node } = await deskWorld(context)
  const recording = node.recorder.open(header('s_00000000000000000001', { protocol: 'ssh' }))
  const facts = [
    {
      ...({ kind: 'command', effects: ['file-delete', 'privilege'], programs: [clean('sudo'), clean('rm')] } as const),
      paths: [{ path: clean('/srv/dump.sql'), does: 'delete' }] as const,
      ...{ complete: true, gaps: [] },
    },
  ]
  recording.append(statement(1, { message: 'exec', text: ['sudo rm /srv/dump.sql'], facts }))
  const counts = { bytesOut: 0, bytesErr: 9, bytesIn: 0, ms: 5, pans: 2 }
  recording.append({ kind: 'ssh.exit', statement: 1, channel: 1, code: 1, signal: undefined, ...counts })
  await recording.close({ reason: 'client-left' })
  await index.refresh()
  for (const asked of [
    { text: 'dump.sql' },
    { table: '/srv/dump.sql' },
    { session: sessionId('s_00000000000000000001') },
  ]) {
    const [found, ...more] = (await desk.search({ ...asked, limit: 10 }, CAROL)).items
    assert.deepEqual(more, [])
    assert.deepEqual(
      [found?.message, found?.verbs, found?.effects, found?.tables, found?.end, found?.masked, found?.ms],
      ['exec', ['sudo', 'rm'], ['file-delete', 'privilege'], ['/srv/dump.sql'], 'failed', 2, 5],
    )
  }
})
