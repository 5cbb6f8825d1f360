import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { LEDGER_FILE } from '../recording/ledger-scan.ts'
import type { IndexFile } from './index-file.ts'
import { textOf } from './index-file.ts'
import { LedgerRows } from './ledger-rows.ts'
import { RecordingRows } from './recording-rows.ts'

const SESSION = /^s_[0-9a-z]{1,40}$/

/** Follows a folder of recordings with the index: closed ones once, live ones and the ledger as they grow. */
export class Follower {
  readonly #root: string
  readonly #recordings: RecordingRows
  readonly #ledger: LedgerRows
  /** Recordings that may have more to read. */
  readonly #open = new Set<string>()
  readonly #done = new Set<string>()
  #queue: string[] = []
  #listed = ''
  #inRound = false
  #caughtUp = false

  constructor(deps: { readonly file: IndexFile; readonly root: string }) {
    this.#root = deps.root
    this.#recordings = new RecordingRows(deps)
    this.#ledger = new LedgerRows({ file: deps.file, path: path.join(deps.root, LEDGER_FILE) })
  }

  /** Everything that was there at the start has been read. */
  get caughtUp(): boolean {
    return this.#caughtUp
  }

  /** One slice of work. True where there is more at once; false where it is time to wait for what will be written. */
  step(): boolean {
    if (this.#ledger.step() === 'more') return true
    if (!this.#inRound) this.#begin()
    const session = this.#queue.shift()
    if (session === undefined) {
      this.#inRound = false
      this.#caughtUp = true
      return false
    }
    const state = this.#recordings.step(session)
    if (state === 'more') this.#queue.unshift(session)
    if (state === 'done') {
      this.#open.delete(session)
      this.#done.add(session)
    }
    return true
  }

  #begin(): void {
    this.#inRound = true
    this.#list()
    this.#queue = [...this.#open].filter((session) => !this.#caughtUp || this.#recordings.hasNews(session))
  }

  /** Looks through the folder where something was added to it or taken from it. */
  #list(): void {
    const stamp = statSync(this.#root, { throwIfNoEntry: false })
    if (stamp === undefined) return
    const listed = `${stamp.ino} ${stamp.mtimeMs}`
    if (listed === this.#listed) return
    this.#listed = listed
    const names = new Set(readdirSync(this.#root).filter((name) => SESSION.test(name)))
    for (const name of names) if (!this.#done.has(name)) this.#open.add(name)
    for (const row of this.#recordings.sessions()) this.#dropGone(textOf(row, 'session'), names)
  }

  #dropGone(session: string, names: ReadonlySet<string>): void {
    if (names.has(session)) return
    this.#open.delete(session)
    this.#done.delete(session)
    this.#recordings.drop(session)
  }
}
