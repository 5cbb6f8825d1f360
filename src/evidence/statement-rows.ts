import { hash } from 'node:crypto'
import { z } from 'zod'
import { plain, type RedactedText } from '../model/redacted.ts'
import { Lru } from '../std/lru.ts'
import type { IndexFile } from './index-file.ts'
import { numberOf } from './index-file.ts'

const Token = z.object({
  withheld: z.enum(['text', 'number', 'bits', 'comment', 'binary', 'pan']),
  bytes: z.number(),
  tag: z.string().exactOptional(),
  shown: z.string().exactOptional(),
})
const Text = z.array(z.union([z.string(), Token]))
const Names = z.array(z.string())
const KeptFacts = z.object({
  verbs: Names,
  effects: Names,
  tables: Names,
  columns: Names,
  classes: Names,
  complete: z.boolean(),
})
type KeptFacts = z.infer<typeof KeptFacts>

/** What is done over SSH takes the places of SQL: programs are its verbs, and what it touches (paths, the far end of a forward) are its tables. */
const ActionKept = z
  .object({
    kind: z.string(),
    effects: Names,
    programs: Names,
    paths: z.array(z.object({ path: z.string() })),
    peer: z.string().exactOptional(),
    complete: z.boolean(),
  })
  .transform(({ effects, programs, paths, peer, complete }): KeptFacts => {
    const tables = [...new Set([...paths.map(({ path }) => path), ...(peer === undefined ? [] : [peer])])]
    return { verbs: programs, effects, tables, columns: [], classes: [], complete }
  })

const Statement = z.object({
  statement: z.int(),
  message: z.string(),
  text: Text,
  values: z.array(Text.nullable()).default([]),
  facts: z.array(z.union([KeptFacts, ActionKept])),
  verdict: z.object({ effect: z.string(), rules: Names, policyVersion: z.string() }),
})
const Hold = z.object({ statement: z.int(), approval: z.string() })
const Ruling = z.object({
  statement: z.int(),
  ruling: z.enum(['cleared', 'refused']),
  approval: z.string().nullable(),
  by: Names,
})
const Result = z.object({
  statement: z.int(),
  end: z.string(),
  sqlstate: z.string().nullable(),
  rows: z.number(),
  masked: z.number(),
  ms: z.number(),
})
const Exit = z
  .object({
    statement: z.int(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
    ms: z.number(),
    pans: z.number(),
  })
  .transform(({ statement, code, signal, ms, pans }): z.infer<typeof Result> => {
    const end = code === 0 ? 'done' : code === null && signal === null ? 'unknown' : 'failed'
    return { statement, end, sqlstate: null, rows: 0, masked: pans, ms }
  })

const ended = (statement: number, end: z.infer<typeof Result>['end'], ms: number): z.infer<typeof Result> => ({
  ...{ statement, end, sqlstate: null, rows: 0, masked: 0, ms },
})

/** Nothing for a path that was never judged, and for the files of an scp, whose command has an end of its own. */
const FileEnd = z
  .object({
    statement: z.int().nullable(),
    by: z.string(),
    end: z.enum(['done', 'failed', 'unknown']),
    ms: z.number(),
  })
  .transform(({ statement, by, end, ms }) =>
    statement === null || by !== 'sftp' ? undefined : ended(statement, end, ms),
  )

/** A forward has run once it is open; what its connections did later changes nothing of that. */
const ForwardEnd = z
  .object({ statement: z.int(), state: z.enum(['listening', 'opened', 'ended', 'failed']), ms: z.number() })
  .transform(({ statement, state, ms }) =>
    state === 'ended' ? undefined : ended(statement, state === 'failed' ? 'failed' : 'done', ms),
  )

/** Where a line stands. */
export interface LinePlace {
  readonly recording: number
  readonly line: number
  /** Microseconds since 1970. */
  readonly at: number
}

/** Kinds of lines that the index takes something from; all others are only counted. */
export const INDEXED_KINDS: ReadonlySet<string> = new Set([
  'statement',
  'hold',
  'ruling',
  'result',
  'ssh.exit',
  'ssh.file',
  'ssh.forward',
])

/** Texts and facts that come again and again are not looked up anew. */
const REMEMBERED = 2000
const REMEMBERED_TEXT = 4096

const ADD = `INSERT INTO statements VALUES (${Array(19).fill('?').join(', ')}) ON CONFLICT DO NOTHING`
const ADD_TEXT = 'INSERT INTO texts (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING'
const ADD_WORDS = 'INSERT INTO words (rowid, text) VALUES (?, ?)'
const HOLD = 'UPDATE statements SET approval = :approval WHERE recording = :recording AND number = :number'
const RULE = `UPDATE statements SET ruling = :ruling, ruled_by = :by, approval = coalesce(:approval, approval)
  WHERE recording = :recording AND number = :number`
// A Query with several statements has a result for each: counts add up, and an end that is not 'done' stays.
const END = `UPDATE statements SET finish = CASE WHEN finish IS NULL OR finish = 'done' THEN :end ELSE finish END,
    sqlstate = coalesce(:sqlstate, sqlstate), rows = rows + :rows, masked = masked + :masked, ms = max(ms, :ms)
  WHERE recording = :recording AND number = :number`

/** A statement whose line was read and whose row is not written yet. */
interface Row {
  readonly recording: number
  readonly number: number
  readonly line: number
  readonly at: number
  readonly message: string
  readonly verdict: string
  readonly rules: string
  readonly policy: string
  readonly text: number
  readonly facts: number
  readonly bound: number | null
  approval: string | null
  ruling: string | null
  ruledBy: string | null
  finish: string | null
  sqlstate: string | null
  rows: number
  masked: number
  ms: number
}

/**
 * Writes what the lines of one recording after the other say about statements into the index. Most results follow their statement closely: a row is written when
 * the slice ends, and only what comes later is an update.
 */
export class StatementRows {
  readonly #pending = new Map<number, Row>()
  readonly #file: IndexFile
  readonly #texts = new Lru<string, number>(REMEMBERED)
  readonly #facts = new Lru<string, number>(REMEMBERED)

  constructor(file: IndexFile) {
    this.#file = file
  }

  /** False where the line is not what its kind promises. */
  take(kind: string, value: Readonly<Record<string, unknown>>, place: LinePlace): boolean {
    switch (kind) {
      case 'statement':
        return this.#statement(Statement.safeParse(value).data, place)
      case 'hold':
        return this.#hold(Hold.safeParse(value).data, place)
      case 'ruling':
        return this.#ruling(Ruling.safeParse(value).data, place)
      case 'result':
        return this.#result(Result.safeParse(value).data, place)
      case 'ssh.exit':
        return this.#result(Exit.safeParse(value).data, place)
      case 'ssh.file':
        return this.#optional(FileEnd.safeParse(value), place)
      case 'ssh.forward':
        return this.#optional(ForwardEnd.safeParse(value), place)
      default:
        return true
    }
  }

  #optional(end: z.ZodSafeParseResult<z.infer<typeof Result> | undefined>, place: LinePlace): boolean {
    return end.success && (end.data === undefined || this.#result(end.data, place))
  }

  /** Writes the rows of this slice; before anything of another recording is taken. */
  flush(): void {
    for (const row of this.#pending.values()) this.#add(row)
    this.#pending.clear()
  }

  /** What was remembered of rows that were undone or deleted must not be used. */
  forget(): void {
    this.#pending.clear()
    this.#texts.clear()
    this.#facts.clear()
  }

  #statement(event: z.infer<typeof Statement> | undefined, { recording, line, at }: LinePlace): boolean {
    if (event === undefined) return false
    const { statement: number, message, verdict } = event
    // A number that comes twice was not written by a recorder: the first counts, and verification names the second.
    if (this.#pending.has(number)) return false
    this.#pending.set(number, {
      ...{ recording, number, line, at, message },
      verdict: verdict.effect,
      rules: JSON.stringify(verdict.rules),
      policy: verdict.policyVersion,
      text: this.#textId(searchable(event.text)),
      facts: this.#factsId(event.facts),
      bound: event.values.length === 0 ? null : this.#textId(boundText(event.values)),
      ...{ approval: null, ruling: null, ruledBy: null, finish: null, sqlstate: null, rows: 0, masked: 0, ms: 0 },
    })
    return true
  }

  #hold(event: z.infer<typeof Hold> | undefined, { recording }: LinePlace): boolean {
    if (event === undefined) return false
    const { statement: number, approval } = event
    const row = this.#pending.get(number)
    if (row === undefined) this.#file.run(HOLD, { recording, number, approval })
    else row.approval = approval
    return true
  }

  #ruling(event: z.infer<typeof Ruling> | undefined, { recording }: LinePlace): boolean {
    if (event === undefined) return false
    const { statement: number, ruling, approval } = event
    const by = JSON.stringify(event.by)
    const row = this.#pending.get(number)
    if (row === undefined) {
      this.#file.run(RULE, { recording, number, ruling, approval, by })
      return true
    }
    row.ruling = ruling
    row.ruledBy = by
    row.approval = approval ?? row.approval
    return true
  }

  #result(event: z.infer<typeof Result> | undefined, { recording }: LinePlace): boolean {
    if (event === undefined) return false
    const { statement: number, end, sqlstate, rows, masked, ms } = event
    const row = this.#pending.get(number)
    if (row === undefined) {
      this.#file.run(END, { recording, number, end, sqlstate, rows, masked, ms })
      return true
    }
    row.finish = row.finish === null || row.finish === 'done' ? end : row.finish
    row.sqlstate = sqlstate ?? row.sqlstate
    row.rows += rows
    row.masked += masked
    row.ms = Math.max(row.ms, ms)
    return true
  }

  /** In the order of the table's columns. */
  #add(row: Row): void {
    const { recording, number, line, at, message, verdict, rules, policy, text, facts, bound } = row
    const { approval, ruling, ruledBy, finish, sqlstate, rows, masked, ms } = row
    const said = [recording, number, line, at, message, verdict, rules, policy, text, facts, bound] as const
    this.#file.put(ADD, ...said, approval, ruling, ruledBy, finish, sqlstate, rows, masked, ms)
  }

  #textId(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const id = this.#storedText(text)
    if (text.length <= REMEMBERED_TEXT) this.#texts.set(text, id)
    return id
  }

  /** Added first and looked for only if it is there: most texts that are not remembered are new. */
  #storedText(text: string): number {
    const digest = digestOf(text)
    const { changes, id } = this.#file.put(ADD_TEXT, digest, text)
    if (changes > 0) {
      this.#file.put(ADD_WORDS, id, text)
      return id
    }
    const row = this.#file.get('SELECT id FROM texts WHERE digest = :digest', { digest })
    if (row === undefined) throw new RangeError('a text that is neither new nor there')
    return numberOf(row, 'id')
  }

  #factsId(facts: readonly KeptFacts[]): number {
    const merged = JSON.stringify(mergedFacts(facts))
    const known = this.#facts.get(merged)
    if (known !== undefined) return known
    const digest = digestOf(merged)
    const row = this.#file.get('SELECT id FROM facts WHERE digest = :digest', { digest })
    const id = row === undefined ? this.#addFacts(merged, digest) : numberOf(row, 'id')
    this.#facts.set(merged, id)
    return id
  }

  #addFacts(merged: string, digest: string): number {
    const { id } = this.#file.run('INSERT INTO facts (digest, facts) VALUES (:digest, :merged)', { digest, merged })
    const { tables, columns, classes } = KeptFacts.parse(JSON.parse(merged))
    const add = 'INSERT INTO names VALUES (:kind, :name, :id) ON CONFLICT DO NOTHING'
    for (const [kind, names] of Object.entries({ table: tables, column: columns, class: classes }))
      for (const name of names) this.#file.run(add, { kind, name, id })
    return id
  }
}

/** Of all statements of one frame together. */
function mergedFacts(facts: readonly KeptFacts[]): KeptFacts {
  const all = (of: (one: KeptFacts) => readonly string[]): string[] => [...new Set(facts.flatMap(of))]
  return {
    verbs: all((one) => one.verbs),
    effects: all((one) => one.effects),
    tables: all((one) => one.tables),
    columns: all((one) => one.columns),
    classes: all((one) => one.classes),
    complete: facts.every((one) => one.complete),
  }
}

const digestOf = (text: string): string => hash('sha256', text, 'hex')

/** Guillemets stand for what was withheld: those that somebody typed are spelled out, so that nobody types a withheld value. */
const searchable = (text: RedactedText): string =>
  plain(text.map((piece) => (typeof piece === 'string' ? piece.replace(/[‹›]/gu, spelled) : piece)))

/** Longest text of bound values that is searched, in characters; the recording has all of it. */
const MOST_BOUND = 64 * 1024

/** Bound values as people read and look for them: `$1 = Graz; $2 = NULL`. */
const boundText = (values: readonly (RedactedText | null)[]): string =>
  values
    .map((value, at) => `$${at + 1} = ${value === null ? 'NULL' : searchable(value)}`)
    .join('; ')
    .slice(0, MOST_BOUND)

const spelled = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
