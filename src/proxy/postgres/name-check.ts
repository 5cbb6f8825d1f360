import { encodeFrontend } from '../../protocol/postgres/encode.ts'
import { FrameReader } from '../../protocol/postgres/framing.ts'
import { CLIENT_SESSION, withMax } from '../../protocol/postgres/limits.ts'
import type { ErrorFields } from '../../protocol/postgres/messages.ts'
import type { Clearance } from '../../session/clearance.ts'
import { refused, type Refused } from '../../session/ruling.ts'
import type { Tracking } from './tracking.ts'
import type { Upstream } from './upstream.ts'

/** A client that takes this name for a statement of its own only gets odder error texts. */
const NAME = 'countersign check'

/**
 * Asks the upstream to prepare the text, which analyses it and runs nothing, and forgets it again. Resolves to the upstream's own refusal, e.g. of a
 * mistyped name with its position, or to undefined where it understands the text. In a transaction an error ends it, as it does without us.
 */
export async function checkNames(
  text: string,
  on: { readonly tracking: Tracking; readonly upstream: Upstream },
  clear: (frame: Uint8Array) => Clearance,
): Promise<Refused | undefined> {
  const { tracking, upstream } = on
  // Frames before it have no Sync yet: an answer would wait for one.
  if (tracking.segmentSent) return undefined
  const frame = parseFrame(text)
  if (frame === undefined) return undefined
  const { promise, resolve } = Promise.withResolvers<Refused | undefined>()
  const { replies, segment } = tracking
  replies.expect({ kind: 'check', onDone: () => resolve(undefined), onError: (fields) => resolve(refusalOf(fields)) })
  upstream.send(frame, clear(frame.bytes))
  replies.expect({ kind: 'close', onDone: () => undefined, swallow: true })
  upstream.say({ name: 'close', subject: 'statement', subjectName: NAME })
  replies.expect({ kind: 'sync', segment, swallow: true })
  upstream.say({ name: 'sync' })
  const objection = await promise
  // The status that a refusal repeats is the one after this Sync.
  await tracking.idle()
  return objection
}

function parseFrame(text: string): ReturnType<typeof readParse> {
  return readParse(encodeFrontend({ name: 'parse', statement: NAME, text, parameterTypes: [] }))
}

function readParse(bytes: Buffer) {
  const reader = new FrameReader({ side: 'frontend', limits: withMax(CLIENT_SESSION, { parse: bytes.length }) })
  reader.push(bytes)
  const frame = reader.next()
  return frame?.name === 'parse' ? frame : undefined
}

function refusalOf(fields: ErrorFields): Refused {
  const position = Number(fields.get('P'))
  const [detail, hint] = [fields.get('D'), fields.get('H')]
  return refused('native', fields.get('M') ?? 'the target refused the statement', {
    native: fields.get('C') ?? 'XX000',
    ...(detail !== undefined && { detail }),
    ...(hint !== undefined && { hint }),
    ...(Number.isSafeInteger(position) && position > 0 && { position }),
  })
}
