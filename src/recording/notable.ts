import type { ActionEffect } from '../model/action-facts.ts'
import type { Effect } from '../model/facts.ts'
import type { LedgerNote, NoteValue } from '../model/ledger.ts'
import { isAction } from './event.ts'
import type {
  ExitEvent,
  FileEvent,
  RecordedEvent,
  RecordedFacts,
  ResultEvent,
  RulingEvent,
  StatementEvent,
} from './event.ts'

/** What the ledger keeps of a statement; who, where and when are the session's. */
export type NotableEvent = Pick<LedgerNote, 'kind' | 'outcome' | 'detail'>

/** The kinds of statement whose end is a line of the ledger: PCI DSS 10.2.1.5 and 10.2.1.7. */
const KINDS: readonly (readonly [kind: string, effects: readonly (Effect | ActionEffect)[]])[] = [
  ['privileges.changed', ['privileges', 'password', 'account', 'key']],
  ['object.changed', ['ddl', 'package', 'disk', 'kernel', 'firewall', 'schedule', 'audit']],
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
  readonly #pending = new Map<number, { readonly facts: readonly RecordedFacts[]; ends: number }>()
  #last: StatementEvent | undefined
  /** Of which nothing is told: the same object comes again and again. */
  #harmless: readonly RecordedFacts[] | undefined

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
      case 'ssh.exit':
        return this.#pending.size === 0 ? undefined : this.#exited(event)
      case 'ssh.file':
        return this.#pending.size === 0 ? undefined : this.#fileEnded(event)
      default:
        return undefined
    }
  }

  #announced(event: StatementEvent): void {
    this.#last = event
    // Preparing runs nothing; binding and executing are announced on their own.
    if (event.message === 'parse' || event.facts === this.#harmless) return
    if (event.facts.every((facts) => kindOf(facts) === undefined)) {
      this.#harmless = event.facts
      return
    }
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

  /** The commands of one line end together, and the first notable one speaks for it. */
  #exited({ statement, code, signal }: ExitEvent): NotableEvent | undefined {
    const facts = this.#pending.get(statement)?.facts.find((one) => kindOf(one) !== undefined)
    this.#pending.delete(statement)
    const kind = facts && kindOf(facts)
    if (facts === undefined || kind === undefined) return undefined
    const outcome = code === undefined && signal === undefined ? 'unknown' : code === 0 ? 'executed' : 'failed'
    return { kind, outcome, detail: { statement, ...told(facts), code: code ?? null } }
  }

  /** A request of a file transfer, which is a statement of its own. Whoever only looked changed nothing, whatever they looked at. */
  #fileEnded({ statement, by, operation, path, end }: FileEvent): NotableEvent | undefined {
    const pending = by === 'sftp' && statement !== undefined ? this.#pending.get(statement) : undefined
    if (pending === undefined || statement === undefined) return undefined
    this.#pending.delete(statement)
    const kind = pending.facts.map(kindOf).find((one) => one !== undefined)
    if (kind === undefined || operation === 'read' || operation === 'list' || operation === 'stat') return undefined
    const effects = pending.facts.flatMap((facts): readonly string[] => facts.effects)
    return { kind, outcome: end === 'done' ? 'executed' : end, detail: { statement, effects, operation, path } }
  }
}

function kindOf(facts: RecordedFacts): string | undefined {
  const effects: readonly string[] = facts.effects
  return KINDS.find(([, some]) => some.some((effect) => effects.includes(effect)))?.[0]
}

function told(facts: RecordedFacts): Readonly<Record<string, NoteValue>> {
  if (isAction(facts)) return { programs: facts.programs, effects: facts.effects }
  const { verbs, tables, classes } = facts
  return { verbs, tables: tables.slice(0, MAX_TABLES), classes }
}
