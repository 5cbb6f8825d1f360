import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { BAD_INPUT, THREATS } from './support/threat-table.ts'
import { SSH_BAD_INPUT, SSH_THREATS } from './support/threat-table-ssh.ts'

const numbered = (group: string, first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `${group}-${String(first + at).padStart(2, '0')}`)

const TABLES = [
  {
    about: 'the threats to the approval plane, to recordings and to those who look at them',
    threats: THREATS,
    rows: [...numbered('AP', 1, 34), ...numbered('RA', 1, 25)],
  },
  { about: 'the threats to sessions over SSH', threats: SSH_THREATS, rows: numbered('SH', 1, 32) },
]

/** The names of all tests of a file, template and all, with the line breaks of long ones taken out. */
function testsOf(file: string): string {
  const url = new URL(file, import.meta.url)
  assert.ok(existsSync(url), `there is no ${file}`)
  const calls = readFileSync(url, 'utf8').matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)
  return [...calls].map(([, , name = '']) => name.replaceAll(/\\(['"`])/g, '$1')).join('\n')
}

for (const { about, threats, rows } of TABLES)
  describe(about, () => {
    test('the table has each of them once, and none besides', () => {
      assert.deepEqual(Object.keys(threats), rows)
    })

    for (const [threat, plays] of Object.entries(threats))
      test(`${threat} is played by tests that exist, or it is said why not`, () => {
        assert.ok(plays.length > 0, 'neither a test nor a reason')
        if (typeof plays === 'string') return
        for (const [file, name] of plays) assert.ok(testsOf(file).includes(name), `${file} has no test "${name}"`)
      })
  })

describe('input that goes wrong', () => {
  for (const [what, plays] of Object.entries({ ...BAD_INPUT, ...SSH_BAD_INPUT }))
    test(`${what} is played by tests that exist`, () => {
      for (const [file, name] of plays) assert.ok(testsOf(file).includes(name), `${file} has no test "${name}"`)
    })
})
