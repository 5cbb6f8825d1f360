import { existsSync } from 'node:fs'
import path from 'node:path'
import type { SessionId } from '../model/ids.ts'
import { EVENTS_FILE } from '../recording/session-file.ts'
import type { IndexFile, Row } from './index-file.ts'
import { maybeText, numberOf, textOf } from './index-file.ts'
import { lineStart } from './line-kind.ts'
import type { Found, PageStart, Place } from './questions.ts'
import { microsOf, timeText } from './stamps.ts'
import { textCondition } from './statement-query.ts'
import { walkLines, type Spot, type WalkedLine } from './walk.ts'

/** A page of lines as bytes of the file; whoever asked parses them. */
export interface RawPage {
  readonly lines: readonly string[]
  readonly from: number
  readonly next: number | null
  readonly known: number
}

const MAX_LINES = 1000
/** A page ends behind so many bytes; one line beyond it comes alone. */
const MAX_BYTES = 4 * 1024 * 1024
const KEEP = 96 * 1024 * 1024
const MAX_PLACES = 200
/** Characters of an excerpt before and behind what was found. */
const AROUND = 60

export interface PageDeps {
  readonly file: IndexFile
  readonly root: string
}

/** Reads a page from its place in the file: what lies before it is not read, however much it is. */
export function readPage(
  { file, root }: PageDeps,
  wanted: { readonly recording: SessionId; readonly from: PageStart; readonly limit: number },
): RawPage | undefined {
  const events = path.join(root, wanted.recording, EVENTS_FILE)
  if (!existsSync(events)) return undefined
  const mark = markBefore(file, wanted.recording, wanted.from)
  const first = typeof wanted.from === 'number' ? wanted.from : lineAt(events, mark, wanted.from.at)
  const limit = Math.min(MAX_LINES, Math.max(1, Math.trunc(wanted.limit)))
  const lines: string[] = []
  const page = { bytes: 0, next: null as number | null, last: first }
  const take = (line: WalkedLine): boolean => {
    if (line.line < first) return true
    if (lines.length >= limit || (lines.length > 0 && page.bytes + line.length > MAX_BYTES)) {
      page.next = line.line
      return false
    }
    lines.push(line.bytes.toString('utf8'))
    page.bytes += line.length
    page.last = line.line + 1
    return true
  }
  walkLines({ file: events, from: mark, budget: Number.MAX_SAFE_INTEGER, keep: KEEP, take })
  return { lines, from: first, next: page.next, known: Math.max(page.last, linesOf(file, wanted.recording)) }
}

/** The nearest noted place at or before what is asked for; the beginning where none is noted yet. */
function markBefore(file: IndexFile, session: SessionId, from: PageStart): Spot {
  const column = typeof from === 'number' ? 'line' : 'at'
  const value = typeof from === 'number' ? from : from.at * 1000
  const row = file.get(
    `SELECT marks.line, marks.offset FROM marks JOIN recordings r ON r.id = recording
      WHERE r.session = :session AND marks.${column} <= :value ORDER BY marks.line DESC LIMIT 1`,
    { session, value },
  )
  return row === undefined ? { line: 0, offset: 0 } : { line: numberOf(row, 'line'), offset: numberOf(row, 'offset') }
}

/** The last line that was written at or before a moment. */
function lineAt(file: string, mark: Spot, at: number): number {
  let found = mark.line
  const take = (line: WalkedLine): boolean => {
    const micros = microsOf(lineStart(line.bytes)?.at ?? '')
    if (micros !== undefined && micros > at * 1000) return false
    found = line.line
    return true
  }
  walkLines({ file, from: mark, budget: Number.MAX_SAFE_INTEGER, keep: 256, take })
  return found
}

function linesOf(file: IndexFile, session: SessionId): number {
  const row = file.get('SELECT lines FROM recordings WHERE session = :session', { session })
  return row === undefined ? 0 : numberOf(row, 'lines')
}

/** Statements of one recording whose text holds `text`, in order. The cursor is the line to go on from. */
export function findPlaces(
  file: IndexFile,
  { recording, text, from }: { readonly recording: SessionId; readonly text: string; readonly from: number },
): Omit<Found<Place>, 'complete'> {
  const { sql, values } = textCondition(text)
  const rows = file.all(
    `SELECT s.line, s.number, s.at, t.text, b.text AS bound FROM statements s JOIN recordings r ON r.id = s.recording JOIN texts t ON t.id = s.text
      LEFT JOIN texts b ON b.id = s.bound
      WHERE r.session = :recording AND s.line >= :from AND (${sql}) ORDER BY s.line LIMIT :limit`,
    { ...values, recording, from, limit: MAX_PLACES + 1 },
  )
  const items = rows.slice(0, MAX_PLACES).map((row) => placeOf(row, text))
  const next = rows.length > MAX_PLACES ? rows[MAX_PLACES] : undefined
  return { items, next: next === undefined ? null : String(numberOf(next, 'line')) }
}

function placeOf(row: Row, text: string): Place {
  const isIn = (one: string | null): one is string => one?.toLowerCase().includes(text.toLowerCase()) === true
  const bound = maybeText(row, 'bound')
  const whole = isIn(bound) && !isIn(textOf(row, 'text')) ? bound : textOf(row, 'text')
  const at = Math.max(0, whole.toLowerCase().indexOf(text.toLowerCase()))
  const start = Math.max(0, at - AROUND)
  const end = at + text.length + AROUND
  const excerpt = `${start > 0 ? '…' : ''}${whole.slice(start, end)}${end < whole.length ? '…' : ''}`
  return { line: numberOf(row, 'line'), statement: numberOf(row, 'number'), at: timeText(numberOf(row, 'at')), excerpt }
}
