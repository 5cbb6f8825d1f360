import { Cursor } from '../../bytes/cursor.ts'
import { i32At } from '../../bytes/peek.ts'
import type { Frame } from './framing.ts'
import type { BackendMessages, BackendName, FrontendMessages, FrontendName, GssResponse } from './messages.ts'
import type { SaslInitialResponse, SaslResponse } from './messages.ts'
import { readCell } from './parts.ts'
import { ProtocolError, unreadable } from './protocol-error.ts'
import { readBackend } from './read-backend.ts'
import { readFrontend } from './read-frontend.ts'

const HEADER = 5
const CODE = 4

/**
 * The message in a frame of a client, typed by the frame's name. Strict: bytes too few or too many, a wrong count, a NUL or invalid UTF-8 in a string is a
 * ProtocolError. Manual: "Message Formats".
 */
export function decodeFrontend<Name extends FrontendName>(frame: {
  readonly name: Name
  readonly bytes: Buffer
}): FrontendMessages[Name] {
  checkLength(frame)
  return whole(frame.name, { bytes: frame.bytes, start: HEADER }, readFrontend[frame.name])
}

/** The message in a frame of an upstream, as strictly. */
export function decodeBackend<Name extends BackendName>(frame: {
  readonly name: Name
  readonly bytes: Buffer
}): BackendMessages[Name] {
  checkLength(frame)
  const start = frame.name.startsWith('authentication') ? Math.min(HEADER + CODE, frame.bytes.length) : HEADER
  return whole(frame.name, { bytes: frame.bytes, start }, readBackend[frame.name])
}

/** A frame with tag `p` as the client's first word in SASL. */
export const decodeSaslInitialResponse = (frame: Frame<'password'>): SaslInitialResponse =>
  whole('saslInitialResponse', { bytes: bodyOf(frame), start: 0 }, (body) => ({
    name: 'saslInitialResponse',
    mechanism: body.cstring(),
    response: readCell(body),
  }))

/** A frame with tag `p` as a later word in SASL. */
export const decodeSaslResponse = (frame: Frame<'password'>): SaslResponse => ({
  name: 'saslResponse',
  response: bodyOf(frame),
})

/** A frame with tag `p` as a GSSAPI or SSPI token. */
export const decodeGssResponse = (frame: Frame<'password'>): GssResponse => ({
  name: 'gssResponse',
  token: bodyOf(frame),
})

function bodyOf(frame: { readonly name: string; readonly bytes: Buffer }): Buffer {
  checkLength(frame)
  return frame.bytes.subarray(HEADER)
}

function checkLength({ name, bytes }: { readonly name: string; readonly bytes: Buffer }): void {
  if (bytes.length < HEADER || i32At(bytes, 1) !== bytes.length - 1)
    throw new ProtocolError(`${name}: the frame is not as long as it says`)
}

interface Body {
  readonly bytes: Buffer
  readonly start: number
}

function whole<Message>(name: string, { bytes, start }: Body, read: (body: Cursor) => Message): Message {
  try {
    const body = new Cursor(bytes, start)
    const message = read(body)
    body.done()
    return message
  } catch (thrown) {
    throw unreadable(name, thrown)
  }
}
