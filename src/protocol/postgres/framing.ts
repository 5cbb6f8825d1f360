import { i32At } from '../../bytes/peek.ts'
import type { BackendName, FrontendName } from './messages.ts'
import { ProtocolError } from './protocol-error.ts'
import { FrameScanner, type LimitsOf, type Side } from './scanner.ts'
import { AUTHENTICATION_CODES, BACKEND_TAGS, FRONTEND_TAGS } from './tags.ts'

interface FrameOf<Name> {
  readonly name: Name
  readonly tag: number
  /** The whole frame: tag, length, body. A view of the chunk it came in, or a copy if it lay across chunks; never written again. */
  readonly bytes: Buffer
}

/** What `bytes` is a view of, and where in it: frames that came together can go on as one piece. */
interface Placed {
  readonly chunk: Buffer
  readonly start: number
}

/** A frame from a client. A union with one member a name, so that comparing `name` narrows the frame itself. */
export type Frame<Name extends FrontendName = FrontendName> = { [N in Name]: FrameOf<N> & Placed }[Name]

/** A frame from an upstream. */
export type BackendFrame<Name extends BackendName = BackendName> = FrameOf<Name>

interface FramesOf {
  frontend: Frame
  backend: BackendFrame
}

/** Cuts a byte stream into frames with the checks of FrameScanner: ProtocolError on a bad tag or length. */
export class FrameReader<S extends Side> {
  readonly #scanner: FrameScanner<S>
  readonly #frame: (tag: number, place: Place) => FramesOf[S]

  constructor({ side, limits }: { side: S; limits: LimitsOf[S] }) {
    this.#scanner = new FrameScanner({ side, limits })
    this.#frame = FRAMERS[side]
  }

  /** Replaces the limits for every frame that `next` has not yet looked at: call it between two calls of `next` where a phase ends. */
  allow(limits: LimitsOf[S]): void {
    this.#scanner.allow(limits)
  }

  push(chunk: Buffer): void {
    this.#scanner.push(chunk)
  }

  /** The next whole frame, or undefined if more bytes are needed. */
  next(): FramesOf[S] | undefined {
    const scanner = this.#scanner
    if (!scanner.next()) return undefined
    return this.#frame(scanner.tag, scanner)
  }

  /** Whether bytes wait that `next` has not given: at the end of the stream, a peer that stopped in mid-frame. */
  get unfinished(): boolean {
    return this.#scanner.unfinished
  }
}

const frontendNames = byNumber(FRONTEND_TAGS)
const backendKinds = byNumber(BACKEND_TAGS)
const authenticationNames = byNumber(AUTHENTICATION_CODES)

/** Where a frame lies; a FrameScanner says it of the last one. */
interface Place {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

const FRAMERS: { readonly [S in Side]: (tag: number, place: Place) => FramesOf[S] } = {
  frontend: frontendFrame,
  backend: (tag, { buffer, start, end }) => backendFrame(tag, buffer.subarray(start, end)),
}

function frontendFrame(tag: number, { buffer: chunk, start, end }: Place): Frame {
  const name = frontendNames[tag]
  if (name === undefined) throw new ProtocolError('unknown message', { tag })
  return { name, tag, bytes: chunk.subarray(start, end), chunk, start }
}

/** Makes a frame of the whole bytes of one backend message, e.g. of a span that a FrameScanner found. */
export function backendFrame(tag: number, bytes: Buffer): BackendFrame {
  const kind = backendKinds[tag]
  if (kind === undefined) throw new ProtocolError('unknown message', { tag })
  return { name: kind === 'authentication' ? authenticationName(bytes) : kind, tag, bytes }
}

function authenticationName(bytes: Buffer): BackendName {
  if (bytes.length < 9) throw new ProtocolError('an Authentication message without a code')
  const name = authenticationNames[i32At(bytes, 5)]
  if (name === undefined) throw new ProtocolError('an unknown kind of authentication')
  return name
}

function byNumber<Name extends string>(numbers: Readonly<Record<Name, number>>): readonly (Name | undefined)[] {
  const names: (Name | undefined)[] = []
  for (const name in numbers) names[numbers[name]] = name
  return names
}
