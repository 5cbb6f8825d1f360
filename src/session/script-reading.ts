import { createHash } from 'node:crypto'
import type { ScriptStatement } from '../approvals/script.ts'
import type { Catalog } from '../model/catalog.ts'
import type { SqlFacts } from '../model/facts.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { SqlStatement } from '../model/statement.ts'
import type { Target } from '../model/target.ts'
import type { HoldTerms, RuleMatch, Verdict } from '../model/verdict.ts'
import type { PolicyView } from './judgement.ts'
import type { Classify } from './reading.ts'
import { definitionsOf } from './script-changes.ts'
import type { ScriptContent, ScriptPart } from './script-content.ts'

/** A script that was split, read and judged, statement by statement. */
export interface ScriptRead {
  readonly outcome: 'read'
  readonly content: ScriptContent
  readonly statements: readonly ScriptStatement[]
  readonly redacted: RedactedText
  readonly matches: readonly RuleMatch[]
  readonly holds: readonly HoldTerms[]
  readonly policyVersion: string
  /** Over all that was found out against the catalog. */
  readonly findings: string
}

/** Why it cannot be asked for, in one sentence; `statement` counts from 1 where one of them is to blame. */
export interface ScriptRefusal {
  readonly outcome: 'refused'
  readonly statement: number | undefined
  readonly message: string
}

export interface ScriptReadingDeps {
  readonly classify: Classify
  readonly redact: (text: string, facts: readonly SqlFacts[]) => RedactedText
  readonly policy: () => PolicyView
  /** Longest text, in bytes. */
  readonly maxBytes: number
}

export interface ScriptAsked {
  readonly text: string
  readonly principal: Principal
  readonly target: Target
  /** Of the submitter's grant: what it does not cover is refused at once. */
  readonly rights: Rights
  /** Read just now. */
  readonly catalog: Catalog | undefined
}

/** More than anybody reads as one thing. */
const MOST_STATEMENTS = 500

/** Splits a text by the server's own grammar, and finds out what each of its statements does and would meet, were it sent by itself. */
export async function readScript(deps: ScriptReadingDeps, asked: ScriptAsked): Promise<ScriptRead | ScriptRefusal> {
  const { text, catalog } = asked
  if (Buffer.byteLength(text) > deps.maxBytes) return refusal(`it is longer than ${deps.maxBytes} bytes`)
  if (text.includes('\0')) return refusal('it holds a NUL character')
  if (catalog === undefined) return refusal("the target's definitions could not be read; try again")
  const { searchPath } = catalog
  const scope = { searchPath, dirty: false, settings: 0, statement: () => undefined, cursor: () => undefined }
  const all = await deps.classify(sql(text), scope, catalog)
  const objection = objectionTo(all, text)
  if (objection !== undefined) return objection
  const verdicts = all.map((facts) => verdictOf(deps, asked, facts))
  return deniedOne(verdicts) ?? found(deps, { asked: { ...asked, catalog }, all, verdicts })
}

const sql = (text: string): SqlStatement => ({ kind: 'sql', dialect: 'postgres', text, parameters: [] })

const verdictOf = (
  { policy }: ScriptReadingDeps,
  { principal, target, rights }: ScriptAsked,
  facts: SqlFacts,
): Verdict => policy().decide({ facts: [facts], principal, target, rights })

const refusal = (message: string, statement?: number): ScriptRefusal => ({ outcome: 'refused', statement, message })

function objectionTo(all: readonly SqlFacts[], text: string): ScriptRefusal | undefined {
  const [only] = all
  if (only === undefined || (all.length === 1 && only.verb === 'empty')) return refusal('it has no statement')
  if (only.invalid !== undefined) return refusal(syntaxError(only.invalid, text))
  if (all.length === 1 && only.verb === 'other' && !only.complete)
    return refusal(`it could not be read: ${only.gaps.join('; ')}`)
  if (all.length > MOST_STATEMENTS) return refusal(`it has more than ${MOST_STATEMENTS} statements`)
  const copy = all.findIndex((facts) => facts.copy !== undefined)
  if (copy >= 0) return refusal('COPY between the server and a client needs the client: run it by hand', copy + 1)
  const last = all.findLast(({ verb }) => verb === 'begin' || verb === 'commit' || verb === 'rollback')
  return last?.verb === 'begin' ? refusal('it begins a transaction that it does not end') : undefined
}

function syntaxError({ message, position }: NonNullable<SqlFacts['invalid']>, text: string): string {
  if (position <= 0) return message
  const line =
    Array.from(text)
      .slice(0, position - 1)
      .filter((sign) => sign === '\n').length + 1
  return `line ${line}: ${message}`
}

function deniedOne(verdicts: readonly Verdict[]): ScriptRefusal | undefined {
  const at = verdicts.findIndex((verdict) => verdict.effect === 'deny')
  const verdict = verdicts[at]
  if (verdict === undefined) return undefined
  const [first] = verdict.matches
  return refusal(first === undefined ? 'no rule allows it' : `${first.message} (${first.rule})`, at + 1)
}

interface Found {
  readonly asked: ScriptAsked & { readonly catalog: Catalog }
  readonly all: readonly SqlFacts[]
  readonly verdicts: readonly Verdict[]
}

function found({ redact, policy }: ScriptReadingDeps, { asked, all, verdicts }: Found): ScriptRead {
  const { text, catalog } = asked
  const { epoch, searchPath } = catalog
  const parts = all.map((facts): ScriptPart => ({ ...facts.span, facts }))
  const content: ScriptContent = { text, searchPath, epoch, parts, definitions: definitionsOf(all, catalog) }
  const holding = verdicts.map(({ matches }) => matches.filter((match) => match.effect === 'hold'))
  return {
    outcome: 'read',
    content,
    statements: parts.map(({ start, end }, at) => ({ start, end, rules: (holding[at] ?? []).map(({ rule }) => rule) })),
    redacted: redact(text, all),
    matches: distinct(holding.flat()),
    holds: distinct(verdicts.flatMap((verdict) => verdict.holds)),
    policyVersion: policy().version,
    findings: findingsOf(content),
  }
}

/** Two rules of one name but other terms are two: both must be satisfied. */
const distinct = <T>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
]

const findingsOf = ({ parts, definitions, epoch }: ScriptContent): string =>
  createHash('sha256')
    // Behind what is not understood any definition may stand: then every change of one counts.
    .update(parts.every(({ facts }) => facts.complete) ? '' : `${epoch}/`)
    .update(JSON.stringify(definitions))
    .update(JSON.stringify(parts, (_, value: unknown) => (value instanceof Set ? [...value] : value)))
    .digest('hex')
