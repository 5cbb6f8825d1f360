import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ATTACKS } from '../support/attack-table.ts'
import { MASKING } from '../support/masking-table.ts'

/** Threats of the catalogue that no test plays under their own number, and why. */
const NOT_PLAYED: Readonly<Record<string, string>> = {
  'AV-03': 'PG-55 plays it, for a startup packet and for each message',
  'AV-08': 'AV-07 measures how long everybody else waits',
  'AV-09': 'bad-input plays an upstream that accepts and never answers',
  'MK-15': 'canary plants numbers with separators, as bigint and as numeric; digits split over columns need lineage',
  'MK-16':
    'canary plants text around numbers and track data; encoded text in an untagged column is a limit in docs/limits.md',
  'MK-26': 'PG-35 adds a column beside the proxy',
  'MK-27':
    'classes follow names: a rename through the proxy is held (definitions), one beside it is a limit in docs/limits.md',
  'MK-28': 'test/mask/pan.test.ts has the short numbers',
  'MK-29': 'test/mask/cell.test.ts keeps the wire types; writing to tagged tables is held',
  'MK-30': 'test/corpus/pans.txt has the control set',
  'MK-31': 'canary plants statements with card numbers and looks at every sink',
  'MK-33': 'nothing unmasks yet, so there is no grant to reuse',
}

const numbered = (group: string, last: number): readonly string[] =>
  Array.from({ length: last }, (_, at) => `${group}-${String(at + 1).padStart(2, '0')}`)

describe('the catalogue of threats', () => {
  const played = globSync('*.test.ts', { cwd: import.meta.dirname })
    .filter((name) => name !== 'attacks.test.ts')
    .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
    .concat([...ATTACKS, ...MASKING].map(([threat]) => threat))
    .join('\n')

  for (const threat of [...numbered('PG', 64), ...numbered('AV', 10), ...numbered('MK', 33)]) {
    test(`${threat} is played, or it is said why not`, () => {
      const why = NOT_PLAYED[threat]
      assert.equal(played.includes(threat), why === undefined, why ?? 'no test names it')
    })
  }
})
