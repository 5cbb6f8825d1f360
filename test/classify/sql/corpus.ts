import { readFileSync } from 'node:fs'
import type { SqlFacts } from '../../../src/model/facts.ts'

/** The statements of everyday.sql. */
export const everyday = (): readonly string[] =>
  readFileSync('test/corpus/everyday.sql', 'utf8')
    .split(/^--$/m)
    .slice(1)
    .map((text) => text.trim())

export interface Evasion {
  readonly must: readonly string[]
  readonly text: string
}

/** The entries of evasions.sql. */
export const evasions = (): readonly Evasion[] =>
  readFileSync('test/corpus/evasions.sql', 'utf8')
    .split(/^-- must: /m)
    .slice(1)
    .map((entry) => {
      const [first = '', ...lines] = entry.split('\n')
      return { must: first.split(' ').filter((word) => !/^(PG|MK)-\d+$/.test(word)), text: lines.join('\n').trim() }
    })

/** What is wrong with the facts by one word of a `must`, or undefined. */
export function unmet(facts: readonly SqlFacts[], word: string): string | undefined {
  const [kind = '', value = ''] = word.split(':')
  const met = CLAIMS[kind]?.(facts, value) ?? effectClaim(facts, kind)
  return met ? undefined : word
}

type Claim = (facts: readonly SqlFacts[], value: string) => boolean

const CLAIMS: Readonly<Record<string, Claim>> = {
  incomplete: (facts) => facts.some((one) => !one.complete),
  complete: (facts) => facts.every((one) => one.complete),
  'not-clear': (facts) => facts.every((one) => one.output.kind !== 'clear'),
  statements: (facts, count) => facts.length === Number(count),
  probe: (facts, name) => facts.some((one) => one.probes.includes(name) && one.effects.includes('probe')),
  class: (facts, name) => facts.some((one) => one.classes.includes(name)),
  reads: (facts, name) => facts.some((one) => one.reads.some((use) => use.name === name)),
  writes: (facts, name) => facts.some((one) => one.writes.some((use) => use.name === name)),
}

function effectClaim(facts: readonly SqlFacts[], word: string): boolean {
  const found = new Set<string>(facts.flatMap((one) => one.effects))
  return word.startsWith('not-') ? !found.has(word.slice(4)) : found.has(word)
}
