import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorFields } from '../../protocol/postgres/messages.ts'
import type { Client } from '../client.ts'
import { claim } from './teller.ts'
import type { Answer, WireClient } from './wire-client.ts'

/** What the client of a held statement was told. */
export interface Held {
  readonly approval: string
  readonly rule: string
  readonly link: string
  /** The notice as psql prints it. */
  readonly lines: readonly string[]
}

/** Takes the notice of a hold; the statement has no answer then. */
export async function held(client: WireClient, rule: string): Promise<Held> {
  const notice = await client.notice()
  const lines = printed('NOTICE', notice)
  const all = lines.join('\n')
  const approval = /\ba_[0-9a-z]{12}\b/.exec(all)?.[0]
  const link = /http:\S+\/approvals\/a_[0-9a-z]{12}/.exec(all)?.[0]
  claim(approval !== undefined && link?.endsWith(approval) === true, 'a notice with an approval and its link', lines)
  claim(all.includes(rule), `the rule ${rule} in the notice`, lines)
  claim(!client.isAnswered, 'no answer while the statement waits')
  return { approval, rule, link, lines }
}

/** An error or notice as psql prints it. */
export function printed(kind: 'NOTICE' | 'ERROR', fields: ErrorFields): readonly string[] {
  const more = [['D', 'DETAIL'], ['H', 'HINT']] as const // prettier-ignore
  return [
    `${kind}:  ${fields.get('M') ?? ''}`,
    ...more.flatMap(([code, word]) => (fields.has(code) ? [`${word}:  ${fields.get(code) ?? ''}`] : [])),
  ]
}

/** The error of a refused statement. */
export function refusedWith(answer: Answer, sqlstate: string): readonly string[] {
  claim(answer.error?.get('C') === sqlstate, `a refusal with SQLSTATE ${sqlstate}`, outline(answer))
  return printed('ERROR', answer.error)
}

/** An answer without an error. */
export function clean(answer: Answer): Answer {
  claim(answer.error === undefined, 'an answer without an error', outline(answer))
  return answer
}

/** Waits until the approval is in that state. */
export async function reaches(client: Client, approval: string, state: string): Promise<void> {
  let found = ''
  for (let tries = 0; tries < 100; tries += 1) {
    found = (await client.approval(approval)).state
    if (found === state) return
    await pause(50)
  }
  claim(false, `${approval} to be ${state}`, found)
}

const outline = ({ error, tags, rows }: Answer): string =>
  error === undefined ? `${tags.join(', ')} (${rows.length} rows)` : printed('ERROR', error).join(' ')
