import { statSync } from 'node:fs'
import { hash } from 'node:crypto'
import { LedgerLine } from '../recording/ledger-scan.ts'
import type { IndexFile } from './index-file.ts'
import { maybeText, numberOf } from './index-file.ts'
import { lineStart, lineValue } from './line-kind.ts'
import { microsOf } from './stamps.ts'
import { walkLines, type WalkedLine } from './walk.ts'

const SLICE = 2 * 1024 * 1024
const KEEP = 96 * 1024 * 1024

const ADD = `INSERT INTO ledger VALUES (:line, :at, :written, :kind, :outcome, :by, :origin, :resource, :node, :detail) ON CONFLICT DO NOTHING`

/** Takes the node's ledger into the index. Checkpoints (`seal`) are left out: they tell of nothing that anybody did. */
export class LedgerRows {
  readonly #file: IndexFile
  readonly #path: string
  /** Once a process: a chain that is broken at this very place stays so however often it is read. */
  #hasRestarted = false

  constructor(deps: { readonly file: IndexFile; readonly path: string }) {
    this.#file = deps.file
    this.#path = deps.path
  }

  /** Reads one slice on. */
  step(): 'more' | 'waits' {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size
    if (size === undefined) return 'waits'
    const row = this.#file.get('SELECT * FROM chain') ?? {}
    const bytes = numberOf(row, 'bytes')
    if (size === bytes) return 'waits'
    return this.#file.transaction(() => {
      if (size < bytes) return this.#restart()
      const from = { offset: bytes, line: numberOf(row, 'lines') }
      return this.#slice(from, maybeText(row, 'last'), size)
    })
  }

  #slice(from: { offset: number; line: number }, before: string | null, size: number): 'more' | 'waits' {
    const progress = { last: before, isOther: false }
    const take = (line: WalkedLine): boolean => {
      // Another file under the same name does not go on from what was read.
      progress.isOther = line.offset === from.offset && !this.#hasRestarted && !follows(line, before)
      if (progress.isOther) return false
      this.#line(line)
      progress.last = hash('sha256', line.bytes, 'hex')
      return true
    }
    const spot = walkLines({ file: this.#path, from, budget: SLICE, keep: KEEP, take })
    if (progress.isOther) return this.#restart()
    const sql = 'UPDATE chain SET bytes = :bytes, lines = :lines, last = :last'
    this.#file.run(sql, { bytes: spot.offset, lines: spot.line, last: progress.last })
    return spot.offset < size && spot.offset > from.offset ? 'more' : 'waits'
  }

  #line(line: WalkedLine): void {
    const start = lineStart(line.bytes)
    const written = start === undefined ? undefined : microsOf(start.at)
    if (start === undefined || written === undefined || start.kind === 'seal') return
    const value = lineValue(line.bytes)
    const entry = LedgerLine.safeParse(value).data
    if (entry === undefined) return
    const { kind, by, origin, resource, node, detail } = entry
    const { happenedAt, outcome } = { ...value }
    const at = typeof happenedAt === 'string' ? (microsOf(happenedAt) ?? written) : written
    const values = { line: line.line, at, written, kind, by, origin, resource, node }
    this.#file.run(ADD, {
      ...values,
      outcome: typeof outcome === 'string' ? outcome : '',
      detail: JSON.stringify(detail),
    })
  }

  #restart(): 'more' {
    this.#hasRestarted = true
    this.#file.run('DELETE FROM ledger')
    this.#file.run('UPDATE chain SET bytes = 0, lines = 0, last = NULL')
    return 'more'
  }
}

function follows(line: WalkedLine, last: string | null): boolean {
  if (last === null) return true
  const tail = line.bytes.subarray(Math.max(0, line.bytes.length - 96)).toString('latin1')
  return tail.includes(last)
}
