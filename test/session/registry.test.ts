import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName, targetName, type CredentialId, type GrantId, type SessionId } from '../../src/model/ids.ts'
import { Registry, type LiveSession } from '../../src/session/registry.ts'

interface Closed {
  readonly id: string
  readonly reason: string
}

function session(id: string, of: { person?: string; source?: string; closed?: Closed[] } = {}): LiveSession {
  return {
    id: id as SessionId,
    person: personName(of.person ?? 'alice'),
    target: targetName('cards'),
    grant: 'g_1' as GrantId,
    credential: 'c_1' as CredentialId,
    grantEndsAt: 0,
    source: of.source ?? '10.0.0.1',
    startedAt: 0,
    port: {
      say: () => undefined,
      cancelRunning: () => undefined,
      statements: () => 0,
      close: (reason) => of.closed?.push({ id, reason }),
    },
  }
}

test('the limit that is reached first is named', () => {
  const registry = new Registry({ total: 3, perPerson: 2, perSource: 2 })
  registry.add(session('a', { source: '10.0.0.1' }))
  assert.equal(registry.fullFor(personName('alice'), '10.0.0.1'), undefined)
  registry.add(session('b', { source: '10.0.0.2' }))
  assert.equal(registry.fullFor(personName('alice'), '10.0.0.3'), 'perPerson')
  assert.equal(registry.fullFor(personName('bob'), '10.0.0.1'), undefined)
  registry.add(session('c', { person: 'bob', source: '10.0.0.1' }))
  assert.equal(registry.fullFor(personName('carol'), '10.0.0.9'), 'total')
})

test('sessions of one address are limited whoever they are', () => {
  const registry = new Registry({ total: 9, perPerson: 9, perSource: 1 })
  registry.add(session('a'))
  assert.equal(registry.fullFor(personName('bob'), '10.0.0.1'), 'perSource')
  assert.equal(registry.fullFor(personName('bob'), '10.0.0.2'), undefined)
})

test('listeners hear of beginnings and ends, and of an end once', () => {
  const registry = new Registry({ total: 9, perPerson: 9, perSource: 9 })
  const heard: string[] = []
  const stop = registry.subscribe((id) => heard.push(id))
  registry.add(session('a'))
  registry.remove('a' as SessionId)
  registry.remove('a' as SessionId)
  stop()
  registry.add(session('b'))
  assert.deepEqual(heard, ['a', 'a'])
  assert.deepEqual([registry.size, registry.get('a' as SessionId), registry.all().length], [1, undefined, 1])
})

test('closeAll ends exactly those that there is a reason for', () => {
  const closed: Closed[] = []
  const registry = new Registry({ total: 9, perPerson: 9, perSource: 9 })
  registry.add(session('a', { closed }))
  registry.add(session('b', { person: 'bob', closed }))
  registry.closeAll((one) => (one.person === 'bob' ? { reason: 'terminated', text: 'by hand' } : undefined))
  assert.deepEqual(closed, [{ id: 'b', reason: 'terminated' }])
})
