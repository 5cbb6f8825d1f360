import type { TransferCommand } from '../../classify/shell/transfer-command.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import { ScpFollower, type ScpStep } from '../../protocol/ssh/scp.ts'
import type { FileEvent, SessionEvent } from '../../recording/event.ts'
import type { Clock } from '../../std/clock.ts'
import { Content } from './content.ts'

export interface ScpSeat {
  readonly transfer: Extract<TransferCommand, { by: 'scp' }>
  /** The line that announced the command. */
  readonly statement: number
  readonly clock: Clock
  readonly record: (event: SessionEvent) => void
  readonly scrub: (text: string) => Scrubbed
}

/** Watches the stream of an scp whose command was cleared: names, sizes and hashes of what goes through. It changes nothing of it. */
export interface ScpWatch {
  fromClient(chunk: Buffer): void
  fromTarget(chunk: Buffer): void
  /** The command is over: a file that was on its way is told as cut. */
  end(): void
}

export function watchScp(seat: ScpSeat): ScpWatch {
  const files = new ScpFiles(seat)
  const follower = new ScpFollower()
  const source = (chunk: Buffer): void => files.take(follower.source(chunk))
  const sink = (chunk: Buffer): void => files.take(follower.sink(chunk))
  const isUpload = seat.transfer.direction === 'upload'
  return {
    fromClient: isUpload ? source : sink,
    fromTarget: isUpload ? sink : source,
    end: () => files.over('unknown', undefined),
  }
}

interface OnItsWay {
  readonly name: string
  readonly size: number
  readonly content: Content
  readonly since: number
}

class ScpFiles {
  readonly #seat: ScpSeat
  #file: OnItsWay | undefined
  /** Card numbers of this file that were reported so far. */
  #reported = 0

  constructor(seat: ScpSeat) {
    this.#seat = seat
  }

  take(steps: readonly ScpStep[]): void {
    for (const step of steps) this.#step(step)
  }

  /** Tells the end of the file that is on its way, if one is. */
  over(end: FileEvent['end'], status: string | undefined): void {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) this.#tell(file, end, status)
  }

  #step(step: ScpStep): void {
    switch (step.kind) {
      case 'file':
        this.#file = { name: step.name, size: step.size, content: new Content(), since: this.#seat.clock.monoMicros() }
        return
      case 'content':
        this.#follow(step.bytes)
        return
      case 'end':
        this.over(step.ok ? 'done' : 'failed', step.ok ? undefined : 'one of the sides reported an error')
        return
      case 'lost':
        this.#lost()
    }
  }

  #follow(bytes: Buffer): void {
    const content = this.#file?.content
    if (content === undefined) return
    const isFirst = content.pans === 0
    const count = content.push(content.next, bytes)
    if (isFirst) this.#report(count)
  }

  /** The first card numbers of a file are reported at once, the rest at its end. */
  #report(count: number): void {
    this.#reported += count
    const { statement, record } = this.#seat
    if (count > 0) record({ kind: 'find', statement, where: 'file', count })
  }

  /** From here on nobody can tell what goes through: said once, for the file on its way or for the command. */
  #lost(): void {
    this.#file ??= { name: '', size: 0, content: new Content(), since: this.#seat.clock.monoMicros() }
    this.over('unknown', 'the stream is no scp that could be followed')
  }

  #tell({ name, size, content, since }: OnItsWay, end: FileEvent['end'], status: string | undefined): void {
    const { transfer, statement, clock, record, scrub } = this.#seat
    const isUpload = transfer.direction === 'upload'
    const moved = content.finish(content.bytes === size)
    this.#report(moved.pans - this.#reported)
    this.#reported = 0
    record({
      kind: 'ssh.file',
      ...{ statement, by: 'scp', operation: isUpload ? 'write' : 'read' },
      path: scrub(transfer.paths.join(' ')),
      to: name === '' ? undefined : scrub(name),
      end,
      status: status === undefined ? undefined : scrub(status),
      read: isUpload ? undefined : moved,
      written: isUpload ? moved : undefined,
      ms: Math.round((clock.monoMicros() - since) / 1000),
    })
  }
}
