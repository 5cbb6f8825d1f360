import { statusName, writeStatus } from '../../protocol/ssh/sftp-replies.ts'
import { wordsOf } from '../../protocol/ssh/sftp-names.ts'
import { STATUS } from '../../protocol/ssh/sftp-numbers.ts'
import type { SftpPacket } from '../../protocol/ssh/sftp-framing.ts'
import type { FileEvent, FileTransfer } from '../../recording/event.ts'
import type { Refused } from '../../session/ruling.ts'
import { Exchange, renumbered } from './files-exchange.ts'
import { Handles, type OpenFile, type Permitted } from './files-handles.ts'
import { Resolver } from './files-resolve.ts'
import type { FileEnd, FilesSeat } from './files-seat.ts'
import { Turns } from './files-turns.ts'

/** How one permitted operation ended. */
export interface Ending {
  readonly end: FileEnd
  /** The target's status, where it failed. */
  readonly code?: number | undefined
  readonly read?: FileTransfer | undefined
  readonly written?: FileTransfer | undefined
}

/** What the parts of one file transfer share: requests under way, open handles, and the words to the client and to the recording. */
export class FilesDesk {
  readonly seat: FilesSeat
  readonly exchange: Exchange
  readonly resolver: Resolver
  readonly handles = new Handles()
  readonly turns = new Turns()
  /** Whether SYMLINK has what the link leads to in front, as OpenSSH has it; the draft has the link. Which of both another server means, nobody here knows. */
  swapsLinks = false
  #answers: Buffer[] = []
  #isGathering = false

  constructor(seat: FilesSeat) {
    this.seat = seat
    this.exchange = new Exchange(seat)
    this.resolver = new Resolver(this.exchange)
  }

  /** Answers that `work` brings leave as one piece. */
  gather(work: () => void): void {
    this.#isGathering = true
    try {
      work()
    } finally {
      this.#isGathering = false
      const answers = this.#answers
      this.#answers = []
      if (answers.length > 0)
        this.seat.answers.out(answers.length === 1 ? (answers[0] ?? EMPTY) : Buffer.concat(answers))
    }
  }

  answer(bytes: Buffer): void {
    if (this.#isGathering) this.#answers.push(bytes)
    else this.seat.answers.out(bytes)
  }

  /** The target's own reply, under the client's number. Its words may hold anything that it read; clients show them on terminals. */
  pass(packet: SftpPacket, id: number): void {
    const words = wordsOf(packet)
    if (words === undefined || !NOTABLE.test(words.message)) this.answer(renumbered(packet, id))
    else this.status(id, words.code, String(this.seat.scrub(words.message.replaceAll(CONTROL, '?'))))
  }

  status(id: number, code: number, message: string): void {
    this.answer(writeStatus(id, { code, message }))
  }

  /** A request that rules or people refused. */
  refuse(id: number, refusal: Refused): void {
    this.seat.tell(refusal)
    this.status(id, STATUS.permissionDenied, `countersign: ${refusal.message}`)
  }

  /** The end of one operation, in the recording and for its approval. */
  ended(permitted: Permitted, { end, code, read, written }: Ending): void {
    const { seat } = this
    const { operation, cleared, path, to, since } = permitted
    seat.record({
      kind: 'ssh.file',
      ...{ statement: cleared.statement, by: 'sftp', operation },
      path: seat.scrub(path),
      to: to === undefined ? undefined : seat.scrub(to),
      end,
      status: code === undefined ? undefined : seat.scrub(statusName(code)),
      ...{ read, written },
      ms: Math.round((seat.clock.monoMicros() - since) / 1000),
    } satisfies FileEvent)
    seat.settle(cleared, end)
  }

  /** The end of a file that was open. */
  fileEnded(file: OpenFile, { end, code }: Ending): void {
    const read = file.read?.finish()
    const written = file.written?.finish(file.began === 'empty' && !file.appends)
    this.#report((read?.pans ?? 0) + (written?.pans ?? 0) - file.reported, file)
    const isRead = (one: Permitted): boolean => one.operation === 'read'
    const isWritten = (one: Permitted): boolean => one.operation === 'write' || one.operation === 'append'
    for (const one of file.permitted)
      this.ended(one, {
        end,
        code,
        read: isRead(one) ? read : undefined,
        written: isWritten(one) ? written : undefined,
      })
  }

  /** Card numbers in content that goes through are never altered. The first are reported at once, the rest when the file is closed. */
  found(count: number, file: OpenFile): void {
    if (count > 0 && file.reported === 0) this.#report(count, file)
  }

  #report(count: number, file: OpenFile): void {
    if (count === 0) return
    file.reported += count
    this.seat.record({ kind: 'find', statement: file.permitted[0]?.cleared.statement, where: 'file', count })
  }
}

const EMPTY = Buffer.alloc(0)
const CONTROL = /\p{C}/gu
/** Most words of a status have nothing of it, and there is one for each piece of an upload. */
const NOTABLE = /\p{C}|\p{N}/u
