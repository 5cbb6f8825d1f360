import type { TransferCommand } from '../../classify/shell/transfer-command.ts'
import type { Desk } from './desk.ts'
import { watchScp, type ScpWatch } from './scp-files.ts'
import { createPlainVeil, type Veil } from './veil.ts'

/** What a transfer program says over `exec`, seen and left as it is. */
export interface TransferWatch {
  /** The command is cleared; `statement` is the line that announced it. */
  begin(statement: number): void
  /** What comes from the client. */
  readonly seen: (chunk: Buffer) => void
  /** For what comes from the target. */
  readonly veil: Veil
  end(): void
}

/** Of scp names, sizes and hashes are told; of the others the counts of the command's own end. */
export function watchTransfer(transfer: TransferCommand, desk: Desk): TransferWatch {
  let scp: ScpWatch | undefined
  const { clock, scrub } = desk.parts
  const plain = createPlainVeil()
  return {
    begin(statement) {
      if (transfer.by !== 'scp') return
      scp = watchScp({ transfer, statement, clock, scrub, record: (event) => desk.record(event) })
    },
    seen: (chunk) => scp?.fromClient(chunk),
    veil: {
      ...plain,
      push(chunk) {
        scp?.fromTarget(chunk)
        return chunk
      },
    },
    end: () => scp?.end(),
  }
}
