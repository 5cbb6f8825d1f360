import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Login, LoginOutcome } from '../../src/access/login.ts'
import { prometheus } from '../../src/http/prometheus.ts'
import { createTallies } from '../../src/session/tallies.ts'
import { Secret } from '../../src/std/secret.ts'
import { countedLogin, counterSamples } from '../../src/wiring/counted.ts'

test('every counter has all its words from the start, and nothing but fixed words as labels', () => {
  const tallies = createTallies()
  tallies.statements.count('hold')
  tallies.statements.count('hold')
  tallies.sessionsClosed.count('grant-ended')
  const text = prometheus(counterSamples(tallies))
  assert.match(text, /^# TYPE countersign_statements_total counter$/m)
  assert.match(text, /^countersign_statements_total\{verdict="hold"\} 2$/m)
  assert.match(text, /^countersign_statements_total\{verdict="deny"\} 0$/m)
  assert.match(text, /^countersign_sessions_closed_total\{reason="grant-ended"\} 1$/m)
  assert.match(text, /^countersign_sessions_opened_total\{protocol="postgres"\} 0$/m)
  assert.match(text, /^countersign_holds_total\{end="withdrawn"\} 0$/m)
  assert.match(text, /^countersign_failed_logins_total\{door="http"\} 0$/m)
  assert.match(text, /^countersign_recorder_failures_total\{what="ledger"\} 0$/m)
  assert.equal(text.split('\n').filter((line) => line.startsWith('countersign')).length, counterSamples(tallies).length)
})

const answering = (outcome: LoginOutcome): Login => {
  const never = (): never => assert.fail('not asked')
  return {
    ...{ login: () => Promise.resolve(outcome), loginWithPasskey: () => Promise.resolve(outcome) },
    ...{ verifyFactor: never, changePassword: never, personOf: never, principalOf: never, isRecent: never },
    logout: never,
  }
}

test('logins that fail are counted, by whatever factor, and no others', async () => {
  const counts = async (outcome: LoginOutcome): Promise<unknown> => {
    const { failedLogins } = createTallies()
    const login = countedLogin(answering(outcome), failedLogins)
    const attempt = { person: 'bob', password: new Secret('x'), address: '', totp: '100001' }
    assert.equal(await login.login(attempt), outcome)
    return Object.fromEntries(failedLogins.entries())
  }
  assert.deepEqual(await counts({ outcome: 'refused' }), { postgres: 0, ssh: 0, http: 1 })
  assert.deepEqual(await counts({ outcome: 'locked', retryAfterSeconds: 9 }), { postgres: 0, ssh: 0, http: 1 })
  assert.deepEqual(await counts({ outcome: 'password-change', problem: undefined }), { postgres: 0, ssh: 0, http: 0 })
})
