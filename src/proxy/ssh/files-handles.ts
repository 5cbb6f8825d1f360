import type { FileOperation } from '../../model/statement.ts'
import type { ActionFacts } from '../../model/action-facts.ts'
import type { Cleared } from '../../session/ruling.ts'
import { Content } from './content.ts'

/** One operation on one path that was cleared. */
export interface Permitted {
  readonly operation: FileOperation
  readonly cleared: Cleared<ActionFacts>
  readonly path: string
  readonly to: string | undefined
  /** Monotonic, microseconds. */
  readonly since: number
}

/** A request that waits for its turn at a file. */
export interface Waiting {
  readonly bytes: number
  readonly run: () => void
}

/** A file or folder that the target has open for the client. */
export interface OpenFile {
  readonly path: string
  readonly permitted: readonly Permitted[]
  /** Undefined where it may not be read, or written to. */
  readonly read: Content | undefined
  readonly written: Content | undefined
  readonly appends: boolean
  /** Whether it was empty when it was opened. */
  readonly began: 'empty' | 'as it was'
  /** Card numbers that were reported so far. */
  reported: number
  /** CLOSE was sent: nothing may follow. */
  closing: boolean
  /** What came for it while changes of its attributes are being judged, in order; undefined: none is. */
  waiting: Waiting[] | undefined
}

/** Servers of today stop at about a thousand. */
export const MAX_HANDLES = 1024

/** How the content of one opened path is followed. `emptied`: the open cut everything away, or made the file. */
export function openFile(path: string, permitted: readonly Permitted[], emptied: boolean): OpenFile {
  const may = (operation: FileOperation): boolean => permitted.some((one) => one.operation === operation)
  return {
    path,
    permitted,
    read: may('read') ? new Content() : undefined,
    written: may('write') || may('append') ? new Content() : undefined,
    appends: may('append'),
    began: emptied ? 'empty' : 'as it was',
    reported: 0,
    closing: false,
    waiting: undefined,
  }
}

/** The handles of one channel, by the bytes that the target gave them. */
export class Handles {
  readonly #files = new Map<string, OpenFile>()

  get size(): number {
    return this.#files.size
  }

  add(handle: Buffer, file: OpenFile): void {
    this.#files.set(handle.toString('latin1'), file)
  }

  /** Undefined for one that the target never gave, or that is being closed. */
  find(handle: Buffer): OpenFile | undefined {
    const file = this.#files.get(handle.toString('latin1'))
    return file?.closing === true ? undefined : file
  }

  isKnown(handle: Buffer): boolean {
    return this.#files.has(handle.toString('latin1'))
  }

  /** Forgets a handle; gives what it stood for. */
  take(handle: Buffer): OpenFile | undefined {
    const key = handle.toString('latin1')
    const file = this.#files.get(key)
    this.#files.delete(key)
    return file
  }

  /** Everything that is still open; afterwards nothing is. */
  takeAll(): readonly OpenFile[] {
    const files = [...this.#files.values()]
    this.#files.clear()
    return files
  }
}
