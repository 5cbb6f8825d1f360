import { digestOf } from '../approvals/digest.ts'
import { classifyAction } from '../classify/shell/action.ts'
import { redactLine } from '../classify/shell/redact.ts'
import { isSecretName } from '../classify/shell/secrets.ts'
import { shellVersion } from '../classify/shell/version.ts'
import { scrub } from '../mask/scrub.ts'
import type { ActionFacts } from '../model/action-facts.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Statement } from '../model/statement.ts'
import type { ActionGuard } from '../proxy/ssh/desk.ts'
import type { ActionGuardContext } from '../proxy/ssh/enter.ts'
import { createActionMatter, type ActionReading, type ActionRequest } from '../session/action-matter.ts'
import { createGuard } from '../session/guard.ts'
import { holdDeskOf, scrubbed, tagging, type GuardingDeps } from './guarding.ts'
import type { LivePolicy } from './policy.ts'

/** Makes the guard of each session over SSH. */
export function createActionGuarding(deps: Omit<GuardingDeps, 'pool'>): (context: ActionGuardContext) => ActionGuard {
  const { access, policy, clock, tallies } = deps
  const tag = tagging(access.key('value-tag'))
  return (context) => {
    const { principal, target, recording, rights } = context
    return createGuard({
      principal,
      rights,
      target,
      matter: createActionMatter({
        classify: classifyAction,
        redact: (statement, facts) => redacted(statement, facts, tag),
        redactVariable: (name, value) => variable(name, value, tag),
        scrub: scrubbed,
        digest: digesting(access.key('approval-digest'), policy, context),
      }),
      policy: () => policy.current(),
      witness: recording,
      holds: holdDeskOf(deps, { ...context, database: '' }),
      scrub: scrubbed,
      tally: tallies.statements,
      now: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
    })
  }
}

type Tag = (value: string) => string

/** Secrets by where they stand, then the card scanner over what stays. */
function redacted(statement: Statement, facts: readonly ActionFacts[], tag: Tag): RedactedText {
  if (statement.kind !== 'shell') return [scrub(inWords(statement))]
  const commands = facts.filter((one) => one.kind === 'command')
  return redactLine(statement.text, commands, tag).map((piece) => (typeof piece === 'string' ? scrub(piece) : piece))
}

const variable = (name: string, value: string, tag: Tag): RedactedText =>
  isSecretName(name) ? [{ withheld: 'text', bytes: Buffer.byteLength(value), tag: tag(value) }] : [scrub(value)]

function inWords(statement: Exclude<Statement, { kind: 'shell' }>): string {
  switch (statement.kind) {
    case 'open':
      return 'open an interactive shell'
    case 'file':
      return fileInWords(statement)
    case 'forward':
      return `${statement.direction} forward ${statement.host}:${statement.port}`
    case 'sql':
      return statement.text
  }
}

const fileInWords = ({ by, operation, path, to, change }: Extract<Statement, { kind: 'file' }>): string =>
  `${by} ${operation} ${path}${to === undefined ? '' : ` to ${to}`}${change === undefined ? '' : `: ${change}`}`

/** What the approver agrees to: the bytes that leave, which hold directory and environment as well, for this session of this person. */
function digesting(
  key: Uint8Array,
  policy: LivePolicy,
  { session, principal, target }: ActionGuardContext,
): (request: ActionRequest, reading: ActionReading) => string {
  return ({ frame, message, statement }, { facts }) =>
    digestOf(key, {
      frame,
      parameters: [],
      person: principal.person,
      session,
      target: target.name,
      account: target.account,
      database: '',
      settings: { message, statement: JSON.stringify(statement, plainMaps), facts: JSON.stringify(facts) },
      policyVersion: policy.current().version,
      classificationVersion: shellVersion,
      catalogEpoch: '',
    })
}

const plainMaps = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value)
