import { statSync } from 'node:fs'
import path from 'node:path'
import { hash } from 'node:crypto'
import { z } from 'zod'
import { isName } from '../model/ids.ts'
import { readSession } from '../recording/reader.ts'
import { EVENTS_FILE, SUMMARY_FILE } from '../recording/session-file.ts'
import type { IndexFile, Row } from './index-file.ts'
import { maybeText, numberOf } from './index-file.ts'
import { lineStart, lineValue } from './line-kind.ts'
import { microsOf } from './stamps.ts'
import { INDEXED_KINDS, StatementRows } from './statement-rows.ts'
import { walkLines, type Spot, type WalkedLine } from './walk.ts'

/** How much is read between two looks at what else waits, in bytes. */
const SLICE = 1024 * 1024
/** A longer line of a kind that is indexed cannot be: the recorder's own limit is below it. */
const KEEP = 96 * 1024 * 1024
/** A place is noted at least every so many lines, and every so many bytes. */
const MARK_LINES = 1000
const MARK_BYTES = 1024 * 1024

const Close = z.object({ reason: z.string() })

/** What is known of a recording that is being read. */
interface Reading {
  readonly id: number
  readonly file: string
  readonly spot: Spot
  /** SHA-256 of the line before `spot`, which the next one names. */
  readonly last: string | null
  /** Its lines did not continue each other once already; from then on they are taken as they come. */
  readonly doubted: boolean
}

/** Takes recordings into the index, a slice at a time. */
export class RecordingRows {
  readonly #file: IndexFile
  readonly #root: string
  readonly #statements: StatementRows

  constructor(deps: { readonly file: IndexFile; readonly root: string }) {
    this.#file = deps.file
    this.#root = deps.root
    this.#statements = new StatementRows(deps.file)
  }

  /** Reads on in one recording. `more`: there is more to read now; `done`: it has ended and is all read; `waits`: it lives, or has not begun. */
  step(session: string): 'more' | 'done' | 'waits' {
    const row = this.#row(session) ?? this.#begin(session)
    if (row === undefined) return 'waits'
    const stamp = stampOf(path.join(this.#root, session))
    if (stamp === undefined) return 'waits'
    if (numberOf(row, 'done') === 1 && maybeText(row, 'stamp') === stamp.text) return 'done'
    try {
      return this.#file.transaction(() => this.#slice(session, row, stamp))
    } catch (error) {
      // Rows that were remembered may have been undone.
      this.#statements.forget()
      throw error
    }
  }

  /** Whether there may be something to read that was not there at the last step. */
  hasNews(session: string): boolean {
    const stamp = stampOf(path.join(this.#root, session))
    if (stamp === undefined) return false
    const row = this.#row(session)
    return row === undefined || numberOf(row, 'bytes') !== stamp.size || stamp.hasSummary
  }

  /** Forgets a recording whose folder is gone, with the texts that only it had. */
  drop(session: string): void {
    const row = this.#row(session)
    if (row === undefined) return
    this.#statements.forget()
    this.#file.transaction(() => {
      this.#clear(numberOf(row, 'id'))
      this.#file.run('DELETE FROM recordings WHERE session = :session', { session })
      const used = (column: string): string => `EXISTS (SELECT 1 FROM statements WHERE statements.${column} = texts.id)`
      const unused = `SELECT id FROM texts WHERE NOT ${used('text')} AND NOT ${used('bound')}`
      this.#file.run(`DELETE FROM words WHERE rowid IN (${unused})`)
      this.#file.run(`DELETE FROM texts WHERE id IN (${unused})`)
    })
  }

  sessions(): readonly Row[] {
    return this.#file.all('SELECT session, done FROM recordings')
  }

  #row(session: string): Row | undefined {
    return this.#file.get('SELECT * FROM recordings WHERE session = :session', { session })
  }

  #begin(session: string): Row | undefined {
    const head = headOf(path.join(this.#root, session))
    if (head === undefined) return undefined
    const sql = `INSERT INTO recordings (session, person, target, db, account, address, started, bytes, lines, doubted, done)
      VALUES (:session, :person, :target, :db, :account, :address, :started, 0, 0, 0, 0)`
    const { who, resource, origin, startedAt } = head
    const started = microsOf(startedAt) ?? 0
    const { person, account } = who
    const { target, database: db } = resource
    this.#file.run(sql, { session, person, target, db, account, address: origin.address, started })
    return this.#row(session)
  }

  #slice(session: string, row: Row, stamp: Stamp): 'more' | 'done' | 'waits' {
    const reading = readingOf(row, path.join(this.#root, session, EVENTS_FILE))
    // Shorter than what was read, or changed after its end: whatever it holds now, it is not what the rows tell.
    const isOther = stamp.size < reading.spot.offset || numberOf(row, 'done') === 1
    const from = isOther ? this.#restart(reading, false) : reading
    const reached = this.#read(from)
    if (reached === 'broken') {
      this.#restart(from, true)
      return 'more'
    }
    if (reached.spot.offset > from.spot.offset) this.#save(from.id, reached)
    if (reached.spot.offset < stamp.size && reached.spot.offset > from.spot.offset) return 'more'
    if (!stamp.hasSummary) return 'waits'
    this.#file.run('UPDATE recordings SET done = 1, stamp = :stamp WHERE id = :id', { id: from.id, stamp: stamp.text })
    return 'done'
  }

  #read(reading: Reading): { readonly spot: Spot; readonly last: string | null } | 'broken' {
    const progress = { last: Buffer.alloc(0), isFirst: true, broken: false, marked: this.#marked(reading.id) }
    const take = (line: WalkedLine): boolean => {
      if (progress.isFirst && !reading.doubted && !continues(line, reading.last)) {
        progress.broken = true
        return false
      }
      progress.isFirst = false
      progress.marked = this.#line(reading.id, line, progress.marked)
      progress.last = Buffer.from(line.bytes)
      return true
    }
    const spot = walkLines({ file: reading.file, from: reading.spot, budget: SLICE, keep: KEEP, take })
    this.#statements.flush()
    if (progress.broken) return 'broken'
    return { spot, last: progress.isFirst ? reading.last : hash('sha256', progress.last, 'hex') }
  }

  #line(recording: number, line: WalkedLine, marked: Spot): Spot {
    const start = lineStart(line.bytes)
    const at = start === undefined ? undefined : microsOf(start.at)
    const isMark = line.line === 0 || line.line - marked.line >= MARK_LINES || line.offset - marked.offset >= MARK_BYTES
    if (isMark) {
      const sql = 'INSERT INTO marks VALUES (:recording, :line, :offset, :at) ON CONFLICT DO NOTHING'
      this.#file.run(sql, { recording, line: line.line, offset: line.offset, at: at ?? 0 })
    }
    // What is no line of ours is left to verification, which names it.
    if (start !== undefined && at !== undefined) this.#take(start.kind, line, { recording, line: line.line, at })
    return isMark ? line : marked
  }

  #take(kind: string, line: WalkedLine, place: { recording: number; line: number; at: number }): void {
    if (kind !== 'close' && !INDEXED_KINDS.has(kind)) return
    const value = lineValue(line.bytes)
    if (value === undefined) return
    if (kind !== 'close') {
      this.#statements.take(kind, value, place)
      return
    }
    const reason = Close.safeParse(value).data?.reason ?? 'unknown'
    const sql = 'UPDATE recordings SET ended = :at, reason = :reason WHERE id = :id'
    this.#file.run(sql, { id: place.recording, at: place.at, reason })
  }

  #marked(recording: number): Spot {
    const row = this.#file.get(
      'SELECT line, offset FROM marks WHERE recording = :recording ORDER BY line DESC LIMIT 1',
      {
        recording,
      },
    )
    return row === undefined ? { line: 0, offset: 0 } : { line: numberOf(row, 'line'), offset: numberOf(row, 'offset') }
  }

  #save(id: number, { spot, last }: { spot: Spot; last: string | null }): void {
    const sql = 'UPDATE recordings SET bytes = :bytes, lines = :lines, last = :last WHERE id = :id'
    this.#file.run(sql, { id, bytes: spot.offset, lines: spot.line, last })
  }

  #restart(reading: Reading, doubted: boolean): Reading {
    this.#clear(reading.id)
    const sql = `UPDATE recordings SET bytes = 0, lines = 0, last = NULL, ended = NULL, reason = NULL, done = 0, stamp = NULL, doubted = :doubted
      WHERE id = :id`
    this.#file.run(sql, { id: reading.id, doubted: Number(doubted) })
    return { ...reading, spot: { offset: 0, line: 0 }, last: null, doubted }
  }

  #clear(id: number): void {
    this.#file.run('DELETE FROM statements WHERE recording = :id', { id })
    this.#file.run('DELETE FROM marks WHERE recording = :id', { id })
  }
}

/** Whether the first line of a slice follows the last one of the slice before. */
function continues(line: WalkedLine, last: string | null): boolean {
  if (last === null) return true
  const tail = line.bytes.subarray(Math.max(0, line.bytes.length - 96)).toString('latin1')
  return tail.includes(last)
}

const readingOf = (row: Row, file: string): Reading => ({
  id: numberOf(row, 'id'),
  file,
  spot: { offset: numberOf(row, 'bytes'), line: numberOf(row, 'lines') },
  last: maybeText(row, 'last'),
  doubted: numberOf(row, 'doubted') === 1,
})

interface Stamp {
  readonly size: number
  readonly hasSummary: boolean
  /** Changes when the file does. */
  readonly text: string
}

function stampOf(folder: string): Stamp | undefined {
  const events = statSync(path.join(folder, EVENTS_FILE), { throwIfNoEntry: false })
  if (events === undefined) return undefined
  const summary = statSync(path.join(folder, SUMMARY_FILE), { throwIfNoEntry: false })
  return { size: events.size, hasSummary: summary !== undefined, text: `${events.size} ${events.mtimeMs}` }
}

function headOf(folder: string): ReturnType<typeof readSession> | undefined {
  try {
    const head = readSession(folder)
    return isName(head.who.person) && isName(head.resource.target) ? head : undefined
  } catch {
    // Not written yet, or no head of ours: verification names it.
    return undefined
  }
}
