import assert from 'node:assert/strict'
import { z } from 'zod'
import { runClient } from '../../support/clients.ts'

/** What a driver got at each step, in its own words. */
export type Story = Readonly<Record<string, unknown>>

const NAMES = ['Ben Almeida', 'Chiara Almeida', 'Daniel Almeida', 'Elif Almeida', 'Femi Almeida', 'Greta Almeida']

/** What every driver must get, at the steps that it has. */
const EXPECTED: Story = {
  simple: 1,
  prepared: [...NAMES, 'Hugo Berg', 'Ines Berg'],
  transactions: 1,
  error: '22012',
  failed: '25P02',
  after: 2,
  masked: ['401288******1881', '***'],
  'masked-binary': ['401288******1881', '***'],
  cursor: 5000,
  limit: 10,
  'copy-out': 5000,
  'copy-in': 1,
  'copy-denied': '42501',
  approved: 5000,
  end: 3,
}

/** Without these a story would prove little. */
const STEPS = ['simple', 'prepared', 'transactions', 'error', 'after', 'approved', 'told', 'denied', 'end']

export const REASON = 'not on a Sunday'

const Line = z.strictObject({ step: z.string(), got: z.unknown() })

/** Runs a program that tells its story as one JSON line a step. */
export async function told(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Story> {
  const { status, out, err } = await runClient(command, args, env)
  assert.equal(status, 0, `${out}${err}`)
  const lines = out.split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => Line.parse(JSON.parse(line))).map(({ step, got }) => [step, got]))
}

/** Fails at the first step that any driver must have had otherwise; `own` holds what only this one does, or does in its own way. */
export function compare(story: Story, own: Story): void {
  for (const step of [...STEPS, ...Object.keys(own)]) assert.ok(step in story, `no step ${step}`)
  const { denied, told: notified, ...rest } = story
  assert.equal(notified, true, 'a notice said that the statement waits')
  assert.match(String(denied), /^42501,.* declined to countersign this statement: not on a Sunday/)
  for (const [step, got] of Object.entries(rest))
    if (step !== 'version') assert.deepEqual(got, { ...EXPECTED, ...own }[step], step)
}
