import type { RecordedEvent } from '../../../src/http/ports.ts'

const START = Date.UTC(2026, 10, 22)

/** Lines of a recording as the recorder writes them, one a second. */
export function recorded(...events: readonly Readonly<Record<string, unknown>>[]): RecordedEvent[] {
  return events.map((event, seq) => ({
    seq,
    at: `${new Date(START + seq * 1000).toISOString().slice(0, 23)}000Z`,
    mono: seq * 1_000_000,
    outcome: 'noted',
    prev: '0'.repeat(64),
    ...event,
  }))
}

export const statement = (
  number: number,
  text: readonly (string | object)[],
  verdict = 'allow',
): Readonly<Record<string, unknown>> => ({
  kind: 'statement',
  statement: number,
  message: 'query',
  text,
  values: [],
  facts: [{ verbs: ['select'], tables: ['public.cards'], classes: ['pan'], complete: true, gaps: [] }],
  verdict: { effect: verdict, rules: ['pci/reads'], policyVersion: '0123456789abcdef' },
})

export const result = (number: number, more: object = {}): Readonly<Record<string, unknown>> => ({
  kind: 'result',
  statement: number,
  end: 'done',
  sqlstate: null,
  tag: 'SELECT 3',
  rows: 3,
  bytes: 90,
  ms: 1.5,
  masked: 3,
  pans: 0,
  ...more,
})
