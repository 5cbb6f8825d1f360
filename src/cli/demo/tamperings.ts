import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ProblemCode } from '../../recording/problem.ts'
import { EVENTS_FILE } from '../../recording/session-file.ts'
import { verify, type Report } from '../../recording/verify.ts'

/** Two recordings of a folder, for hands that should not be there. */
export interface Victims {
  readonly session: string
  readonly other: string
}

/** Something that one might do to a recording, and what `verify` has to call it. */
export interface Tampering {
  readonly what: string
  readonly called: readonly ProblemCode[]
  /** Changes a copy of the recordings' folder. */
  readonly change: (folder: string, victims: Victims) => void
}

export const TAMPERINGS: readonly Tampering[] = [
  {
    what: 'flip one bit in the middle of a file',
    // Which one it is depends on what the bit belonged to.
    called: ['changed', 'unreadable', 'dropped', 'reordered', 'duplicated', 'spliced'],
    change: (folder, { session }) =>
      rewrite(folder, session, (bytes) => {
        const middle = bytes.length >> 1
        bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
        return bytes
      }),
  },
  {
    what: 'cut off the last three lines',
    called: ['cut'],
    change: (folder, { session }) => rewriteLines(folder, session, (lines) => lines.slice(0, -3)),
  },
  {
    what: 'take one event out',
    called: ['dropped'],
    change: (folder, { session }) => rewriteLines(folder, session, (lines) => lines.toSpliced(lines.length >> 1, 1)),
  },
  {
    what: 'let two events change places',
    called: ['reordered'],
    change: (folder, { session }) =>
      rewriteLines(folder, session, (lines) => {
        const at = lines.length >> 1
        return lines.toSpliced(at, 2, ...lines.slice(at, at + 2).reverse())
      }),
  },
  {
    what: 'swap the files of two sessions',
    called: ['spliced'],
    change: swap,
  },
  {
    what: 'remove a whole session',
    called: ['missing'],
    change: (folder, { session }) => rmSync(path.join(folder, session), { recursive: true }),
  },
]

/** Tampers with a copy of `recordings` made at `copy`, and verifies that copy. */
export async function tamper(
  { change }: Tampering,
  places: { readonly recordings: string; readonly copy: string },
  victims: Victims,
): Promise<Report> {
  cpSync(places.recordings, places.copy, { recursive: true })
  change(places.copy, victims)
  const report = await verify(places.copy)
  rmSync(places.copy, { recursive: true })
  return report
}

const eventsOf = (folder: string, session: string): string => path.join(folder, session, EVENTS_FILE)

function rewrite(folder: string, session: string, change: (bytes: Buffer) => Buffer): void {
  const file = eventsOf(folder, session)
  writeFileSync(file, change(readFileSync(file)))
}

function rewriteLines(folder: string, session: string, change: (lines: readonly string[]) => readonly string[]): void {
  rewrite(folder, session, (bytes) => {
    const lines = bytes.toString('utf8').split('\n').slice(0, -1)
    return Buffer.from(
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    )
  })
}

function swap(folder: string, { session, other }: Victims): void {
  const [first, second] = [eventsOf(folder, session), eventsOf(folder, other)]
  renameSync(first, `${first}.moved`)
  renameSync(second, first)
  renameSync(`${first}.moved`, second)
}
