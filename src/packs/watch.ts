import { watch } from 'node:fs'
import type { PolicySet } from '../policy/decide.ts'
import type { PackProblem } from '../policy/load.ts'
import type { Clock } from '../std/clock.ts'
import type { ReadResult } from './read.ts'

export interface WatchDeps {
  readonly folder: string
  /** What is in force now. */
  readonly current: PolicySet
  readonly clock: Clock
  /** Reads the folder anew; see `readPacks`. */
  read(): Promise<ReadResult>
  /** A folder without problems whose bytes are others than those in force. */
  onPolicy(policy: PolicySet): void
  /** A folder with problems; what was in force stays. */
  onProblems(problems: readonly PackProblem[]): void
  /** Tells of changes in a folder; the machine's own unless a test brings another. */
  readonly notice?: Notice
}

/** Calls `changed` on every change below `folder` and `lost` when it can tell of no more; the returned function ends it. */
export type Notice = (folder: string, told: { changed(): void; lost(): void }) => () => void

export interface PackWatch {
  /** Reads the folder now, e.g. on SIGHUP. Resolves when the outcome has been told. */
  reload(): Promise<void>
  close(): void
}

// Editors and git write a file in several steps; a folder that was quiet for this long is taken as finished.
const QUIET_MS = 200

/** Keeps the policy in step with its folder. A broken folder never replaces a working policy. */
export function watchPacks(deps: WatchDeps): PackWatch {
  const { folder, clock, notice = noticeFiles } = deps
  let version = deps.current.version
  let closed = false
  let cancel = (): void => undefined
  let last: Promise<void> = Promise.resolve()

  const swap = ({ policy, problems }: ReadResult): void => {
    if (closed) return
    if (policy === undefined) deps.onProblems(problems)
    else if (policy.version !== version) {
      version = policy.version
      deps.onPolicy(policy)
    }
  }
  // One after the other: a slow reading of the older state must not overtake the newer one.
  const reload = (): Promise<void> => {
    const run = last.then(() => deps.read()).then(swap, () => deps.onProblems([unread(folder)]))
    last = run.catch(() => undefined)
    return run
  }
  const changed = (): void => {
    cancel()
    cancel = clock.after(QUIET_MS, () => void reload())
  }
  const stop = notice(folder, { changed, lost: () => deps.onProblems([unwatched(folder)]) })
  return {
    reload,
    close() {
      closed = true
      cancel()
      stop()
    },
  }
}

const noticeFiles: Notice = (folder, told) => {
  const watcher = watch(folder, { persistent: false }, () => told.changed())
  watcher.on('error', () => told.lost())
  return () => watcher.close()
}

const at = (file: string, message: string): PackProblem => ({ file, line: 1, column: 1, message })
const unread = (folder: string): PackProblem => at(folder, 'could not be read anew; the packs in force stay')
const unwatched = (folder: string): PackProblem =>
  at(folder, 'is no longer watched; send SIGHUP after a change of the packs')
