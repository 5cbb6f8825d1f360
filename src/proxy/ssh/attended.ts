import type { Call } from './call.ts'
import { runCommand, type CommandEnd, type CommandWork } from './command.ts'
import type { Desk } from './desk.ts'
import { heldLines } from './refusals.ts'
import type { TransferWatch } from './transfer.ts'
import type { Veil } from './veil.ts'
import { watchKeys } from './waiting-keys.ts'

export interface AttendedWork extends Omit<CommandWork, 'channel'> {
  readonly veil: () => Veil
  /** Set where a transfer program is at both ends: nothing that it says is changed, or kept. */
  readonly transfer?: TransferWatch | undefined
}

/** Runs something with the client's own channel at both of its ends: the person, or their program, attends to it from the waiting to the end. */
export async function attended(call: Call, desk: Desk, { veil, transfer, ...work }: AttendedWork): Promise<CommandEnd> {
  const { terminal, channel } = call
  const gone = AbortSignal.any([desk.parts.gone, call.gone])
  const keys = watchKeys(call, terminal !== undefined)
  const echo = terminal === undefined ? undefined : desk.echoOf(call, work.message === 'shell')
  const seen = echo === undefined ? transfer?.seen : (chunk: Buffer): void => echo.keys(chunk)
  const near = {
    ...{ input: channel, terminal, gone, seen },
    out: (bytes: Buffer) => call.out(bytes),
    err: (bytes: Buffer) => call.err(bytes),
    fedBy: call.outlet.fedBy.bind(call.outlet),
    onSignal: call.onSignal.bind(call),
  }
  const judging = {
    ...{ gone, cancelled: keys.cancelled },
    onHeld: (held: Parameters<typeof heldLines>[0]) => call.say(heldLines(held)),
  }
  try {
    return await runCommand(
      desk,
      { ...work, channel: call.number },
      {
        ...{ near, judging, out: transfer?.veil ?? echo?.over(veil()) ?? veil(), err: veil() },
        onStart({ statement }) {
          keys.release()
          transfer?.begin(statement)
        },
      },
    )
  } finally {
    transfer?.end()
    echo?.end()
    keys.release()
  }
}
