import type { ClientChannel } from 'ssh2'
import type { ActionFacts } from '../../model/action-facts.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { JudgeOptions } from '../../session/judgement.ts'
import type { Cleared, Refused } from '../../session/ruling.ts'
import { CodedError } from '../../std/errors.ts'
import { Conduit, type NearEnd } from './conduit.ts'
import type { Desk, Wanted } from './desk.ts'
import type { Veil } from './veil.ts'

/** Something that runs on a channel of the target: a command line, or a shell. */
export interface CommandWork extends Wanted {
  /** Channel of the client that it belongs to. */
  readonly channel: number
  /** How it leaves, with the proof that it may. */
  readonly launch: (frame: Uint8Array, clearance: Clearance) => Promise<ClientChannel>
}

export interface CommandWay {
  readonly near: NearEnd
  readonly out: Veil
  readonly err: Veil
  readonly judging: JudgeOptions
  /** It is cleared and leaves now. */
  readonly onStart?: ((cleared: Cleared<ActionFacts>) => void) | undefined
  /** The target has taken it. */
  readonly onOpen?: (() => void) | undefined
}

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exit'; readonly code: number }
  /** Without SIG. */
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'refused'; readonly refusal: Refused }
  /** The target took it and never said how it ended. */
  | { readonly kind: 'lost' }
  /** The target did not take it; nothing ran. */
  | { readonly kind: 'failed'; readonly why: string }

/** Judges it and, once cleared, runs it to its end. Never rejects. */
export async function runCommand(desk: Desk, work: CommandWork, way: CommandWay): Promise<CommandEnd> {
  const { frame, message, statement } = work
  const ruling = await desk.judge({ frame, message, statement }, way.judging)
  if (ruling.outcome === 'refused') return { kind: 'refused', refusal: ruling }
  way.onStart?.(ruling)
  try {
    return await run(desk, { work, way, cleared: ruling })
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) desk.parts.onFault(thrown)
    const why = thrown instanceof CodedError ? thrown.clientMessage : 'an internal fault kept it from running'
    desk.notRun(ruling, work.channel, why)
    return { kind: 'failed', why }
  }
}

interface Running {
  readonly work: CommandWork
  readonly way: CommandWay
  readonly cleared: Cleared<ActionFacts>
}

async function run(desk: Desk, { work, way, cleared }: Running): Promise<CommandEnd> {
  const { monoMicros, after, onInput, onFault } = desk.parts
  const { near, out, err } = way
  const startedAt = monoMicros()
  const upstream = await work.launch(work.frame, cleared.clearance)
  way.onOpen?.()
  const conduit = new Conduit({ upstream, near, out, err, onInput, onFault, after })
  const exit = await conduit.run()
  const pans = out.found + err.found
  desk.ended(cleared, { channel: work.channel, exit, bytes: conduit.bytes, pans, startedAt })
  if (exit.code !== undefined) return { kind: 'exit', code: exit.code }
  return exit.signal === undefined ? { kind: 'lost' } : { kind: 'signal', signal: exit.signal }
}
