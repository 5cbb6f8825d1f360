import type { Decision, Eligible } from '../approvals/approval.ts'
import { SCRIPT_STATES, type Script, type ScriptState, type ScriptStatement } from '../approvals/script.ts'
import { personName, targetName } from '../model/ids.ts'
import type { ScriptId, SessionId } from '../model/ids.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import { integer, json, maybeInteger, maybeText, text, type Row } from './row.ts'

export function scriptFrom(row: Row, decisions: readonly Decision[]): Script {
  const session = maybeText(row, 'session')
  return {
    id: text(row, 'id') as ScriptId,
    state: stateFrom(row),
    person: personName(text(row, 'person')),
    human: personName(text(row, 'human')),
    target: targetName(text(row, 'target')),
    database: text(row, 'database'),
    account: text(row, 'account'),
    sealed: text(row, 'sealed'),
    redacted: json<RedactedText>(row, 'redacted'),
    statements: json<readonly ScriptStatement[]>(row, 'statements'),
    digest: text(row, 'digest'),
    policyVersion: text(row, 'policy_version'),
    matches: json<readonly RuleMatch[]>(row, 'matches'),
    holds: json<readonly HoldTerms[]>(row, 'holds'),
    eligible: json<readonly Eligible[]>(row, 'eligible'),
    reason: text(row, 'reason'),
    ticket: maybeText(row, 'ticket'),
    createdAt: integer(row, 'created_at'),
    expiresAt: integer(row, 'expires_at'),
    decisions,
    settledAt: maybeInteger(row, 'settled_at'),
    settledBy: maybeText(row, 'settled_by'),
    why: maybeText(row, 'why'),
    session: session === undefined ? undefined : (session as SessionId),
    runAt: maybeInteger(row, 'run_at'),
    position: integer(row, 'position'),
    finishedAt: maybeInteger(row, 'finished_at'),
    detail: maybeText(row, 'detail'),
  }
}

function stateFrom(row: Row): ScriptState {
  const state = SCRIPT_STATES.find((known) => known === text(row, 'state'))
  if (state === undefined) throw new TypeError('a script has an unknown state')
  return state
}
