import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ConfigError, loadConfig } from '../../src/config/load.ts'

const ENV = { CARDS_PASSWORD: 'made up', OIDC_SECRET: 'made up as well' }
const BASE = `publicUrl: http://localhost:8080
listen: { postgres: 127.0.0.1:0, http: 127.0.0.1:0 }
targets:
  cards: { protocol: postgres, address: 127.0.0.1:1, database: cards, user: app, password: { env: CARDS_PASSWORD }, tls: off }
`
const KEYS = {
  issuer: 'https://id.example.com',
  clientId: 'cs',
  clientSecret: '{ env: OIDC_SECRET }',
  groups: '{ platform: [engineer] }',
}

/** The sign-in of an organisation, with this line in place of its own key. */
function signIn(context: TestContext, changed: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-oidc-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const kept = Object.entries(KEYS).filter(([key]) => !changed.startsWith(`${key}:`))
  const lines = [...kept.map(([key, value]) => `${key}: ${value}`), ...(changed === '' ? [] : [changed])]
  const file = path.join(folder, 'countersign.yaml')
  writeFileSync(file, `${BASE}oidc:\n${lines.map((line) => `  ${line}\n`).join('')}`)
  return loadConfig(file, ENV)
}

test('an organisation’s sign-in needs four keys; names of claims have their defaults', (context) => {
  const { oidc } = signIn(context, '')
  const { issuer, clientSecret, ...rest } = oidc ?? assert.fail('no sign-in')
  assert.deepEqual([issuer.href, clientSecret.reveal()], ['https://id.example.com/', ENV.OIDC_SECRET])
  assert.deepEqual(rest, {
    ...{ clientId: 'cs', groups: { platform: ['engineer'] }, name: 'preferred_username', groupsClaim: 'groups' },
  })
})

test('each mistake of it has its own words', (context) => {
  const mistakes: Readonly<Record<string, string>> = {
    'issuer: http://id.example.com': 'oidc.issuer: is a plaintext hop outside this machine; write https://',
    'issuer: id.example.com': 'oidc.issuer: must be the address of the provider',
    'groups: {}': 'oidc.groups: is empty; nobody could sign in',
    'groups: { platform: [king] }': 'oidc.groups.platform[0]: "king" is not known here',
    'groups: { platform: engineer }': 'oidc.groups.platform: must be a list of roles',
    'clientSecret: plain': 'oidc.clientSecret: must be { env: NAME } or { file: PATH }',
    'scope: openid': 'oidc: unknown key "scope"; did you mean "scopes"?',
    'name: ""': 'oidc.name: must not be empty',
  }
  for (const [line, words] of Object.entries(mistakes)) {
    const isIt = (thrown: unknown): boolean => thrown instanceof ConfigError && thrown.message.includes(words)
    assert.throws(() => signIn(context, line), isIt, line)
  }
  assert.doesNotThrow(() => signIn(context, 'issuer: http://127.0.0.1:9000'))
})
