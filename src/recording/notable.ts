import type { Effect } from '../model/facts.ts'
import type { LedgerNote, NoteValue } from '../model/ledger.ts'
import type { RecordedEvent, ResultEvent, RulingEvent, StatementEvent, StatementFacts } from './event.ts'

/** What the ledger keeps of a statement; who, where and when are the session's. */
export type NotableEvent = Pick<LedgerNote, 'kind' | 'outcome' | 'detail'>

/** The kinds of statement whose end is a line of the ledger: PCI DSS 10.2.1.5 and 10.2.1.7. */
const KINDS: readonly (readonly [kind: string, effects: readonly Effect[]])[] = [
  ['privileges.changed', ['privileges', 'password']],
  ['object.changed', ['ddl']],
]
/** Statements of one session that may be under way or bound at once; what was pushed out is in the recording all the same. */
const MAX_PENDING = 256
/** Names of tables that one line carries; the recording has them all. */
const MAX_TABLES = 20

/**
 * Finds, in one session's events, what an assessor looks for across all sessions without opening a recording: refused statements, changes of objects and of rights
 * inside the target. A statement's end is told, so that the line says whether it happened.
 */
export class Notables {
  readonly #pending = new Map<number, { readonly facts: readonly StatementFacts[]; ends: number }>()
  #last: StatementEvent | undefined

  /** What this event adds to the ledger. */
  see(event: RecordedEvent): NotableEvent | undefined {
    switch (event.kind) {
      case 'statement':
        this.#announced(event)
        return undefined
      case 'ruling':
        return this.#ruled(event)
      case 'result':
        return this.#pending.size === 0 ? undefined : this.#ended(event)
      default:
        return undefined
    }
  }

  #announced(event: StatementEvent): void {
    this.#last = event
    // Preparing runs nothing; binding and executing are announced on their own.
    if (event.message === 'parse' || event.facts.every((facts) => kindOf(facts) === undefined)) return
    this.#pending.set(event.statement, { facts: event.facts, ends: 0 })
    for (const oldest of this.#pending.keys()) {
      if (this.#pending.size <= MAX_PENDING) break
      this.#pending.delete(oldest)
    }
  }

  #ruled({ statement, ruling, approval, by, reason }: RulingEvent): NotableEvent | undefined {
    if (ruling === 'cleared') return undefined
    this.#pending.delete(statement)
    const rules = this.#last?.statement === statement ? this.#last.verdict.rules : []
    const detail = { statement, rules, approval: approval ?? null, by, reason }
    return { kind: 'statement.refused', outcome: 'denied', detail }
  }

  /** The statements of one text end in their order; the first that fails is the last that ends. */
  #ended({ statement, end, sqlstate }: ResultEvent): NotableEvent | undefined {
    const pending = this.#pending.get(statement)
    const facts = pending?.facts[pending.ends]
    if (pending === undefined) return undefined
    pending.ends += 1
    if (end !== 'done' || pending.ends >= pending.facts.length) this.#pending.delete(statement)
    const kind = facts && kindOf(facts)
    if (facts === undefined || kind === undefined) return undefined
    const detail = { statement, ...told(facts), sqlstate: sqlstate ?? null }
    return { kind, outcome: end === 'done' ? 'executed' : end, detail }
  }
}

const kindOf = ({ effects }: StatementFacts): string | undefined =>
  KINDS.find(([, some]) => some.some((effect) => effects.includes(effect)))?.[0]

const told = ({ verbs, tables, classes }: StatementFacts): Readonly<Record<string, NoteValue>> => ({
  verbs,
  tables: tables.slice(0, MAX_TABLES),
  classes,
})
