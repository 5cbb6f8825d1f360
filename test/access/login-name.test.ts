import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLogin } from '../../src/access/login-name.ts'

const table: readonly [string, string | undefined, string | undefined][] = [
  ['alice@cards', 'alice', 'cards'],
  ['alice', 'alice', undefined],
  ['a.b-c_9@web-1', 'a.b-c_9', 'web-1'],
  ['alice@', undefined, undefined],
  ['@cards', undefined, undefined],
  ['', undefined, undefined],
  ['alice@corp@cards', undefined, undefined],
  ['Alice@cards', undefined, undefined],
  ['alice@cards\n', undefined, undefined],
  ['аlice@cards', undefined, undefined],
  [`${'a'.repeat(33)}@cards`, undefined, undefined],
]

for (const [text, person, target] of table) {
  test(`the login ${JSON.stringify(text)} names ${person ?? 'nobody'} and ${target ?? 'no target'}`, () => {
    const login = parseLogin(text)
    assert.equal(login?.person, person)
    assert.equal(login?.target, target)
  })
}
