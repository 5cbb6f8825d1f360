import { createClassifier, unread } from '../classify/sql/classify.ts'
import { createParser, MAX_TEXT_BYTES } from '../classify/sql/parse.ts'
import type { Scope } from '../classify/sql/scope.ts'
import type { SqlFacts } from '../model/facts.ts'
import type { SqlStatement } from '../model/statement.ts'
import type { Clock } from '../std/clock.ts'
import { loadGrammar } from './grammar.ts'
import { Thread } from './thread.ts'

/** Text in, facts out: at once for a short text, later for a long one. Never throws and never rejects. */
export type Classify = (statement: SqlStatement, scope: Scope) => readonly SqlFacts[] | Promise<readonly SqlFacts[]>

export interface ParserPool {
  readonly classify: Classify
  /** Reads any text in a worker thread. SQL-level names are not known there, so EXECUTE and FETCH come out incomplete. */
  analyse(text: string, scope: Scope): Promise<readonly SqlFacts[]>
  close(): Promise<void>
}

export interface ParserPoolOptions {
  readonly clock: Clock
  /** Threads for long texts; each costs some 60 MB once it has been used. */
  readonly threads?: number
  /** Texts up to this many bytes are read on the calling thread. */
  readonly shortBytes?: number
  /** Longer texts are not read at all. */
  readonly maxBytes?: number
  /** A text that takes longer than this counts as not understood. */
  readonly deadlineMs?: number
  /** Texts that may wait for a thread; one more counts as not understood. */
  readonly waiting?: number
}

const SHORT_BYTES = 4096
const DEADLINE_MS = 5000
/**
 * `UPDATE t SET (a, b) = (SELECT ...)` repeats the subquery in the tree once for each column, so nesting doubles the tree each time:
 * a short text with many of them goes to a thread that can be ended.
 */
const MOST_UPDATES = 6

/** Makes the one entry to classification: a parser on this thread for what is short, threads with a deadline for the rest. */
export async function createParserPool(options: ParserPoolOptions): Promise<ParserPool> {
  const {
    clock,
    threads = 1,
    shortBytes = SHORT_BYTES,
    maxBytes = MAX_TEXT_BYTES,
    deadlineMs = DEADLINE_MS,
    waiting = 64,
  } = options
  const parser = await createParser({ grammar: await loadGrammar(), maxBytes })
  const classifyTree = createClassifier({ parse: parser.parse })
  const idle = Array.from({ length: threads }, () => new Thread({ clock, deadlineMs, stackMb: 16 }))
  const all = [...idle]
  const queue: ((thread: Thread) => void)[] = []

  const release = (thread: Thread): void => {
    const next = queue.shift()
    if (next === undefined) idle.push(thread)
    else next(thread)
  }
  const acquire = (): Promise<Thread> | Thread => idle.pop() ?? new Promise((resolve) => queue.push(resolve))

  const analyse = async (text: string, scope: Scope): Promise<readonly SqlFacts[]> => {
    const bytes = Buffer.byteLength(text)
    if (bytes > maxBytes) return [unread(`the text is longer than ${maxBytes} bytes`, bytes)]
    if (queue.length >= waiting) return [unread('too many long texts are waiting to be read', bytes)]
    const thread = await acquire()
    try {
      const { catalog, searchPath, dirty } = scope
      const facts = await thread.read({ text, catalog, searchPath, dirty })
      return facts ?? [unread('the text could not be read in time', bytes)]
    } finally {
      release(thread)
    }
  }

  const classify: Classify = ({ text }, scope) =>
    isShort(text, shortBytes) ? classifyTree(parser.glance(text), scope) : analyse(text, scope)
  const close = async (): Promise<void> => {
    await Promise.all(all.map((thread) => thread.close()))
  }
  return { classify, analyse, close }
}

const isShort = (text: string, shortBytes: number): boolean =>
  text.length <= shortBytes &&
  (text.length < MOST_UPDATES * 12 || text.split(/update/i, MOST_UPDATES + 2).length <= MOST_UPDATES)
