import type { Scrubbed } from '../../model/scrubbed.ts'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'
import type { BackendFrame } from '../../protocol/postgres/framing.ts'
import type { ErrorFields } from '../../protocol/postgres/messages.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import type { SessionEvent } from '../../recording/event.ts'
import type { Completions } from './completions.ts'
import type { Run } from './run.ts'
import { PINNED } from './startup-parameters.ts'
import type { Tracking } from './tracking.ts'

export interface SpeechDeps {
  readonly tracking: Tracking
  readonly completions: Completions
  readonly append: (event: SessionEvent) => void
  readonly scrub: (text: string) => Scrubbed
  /** The fields that may be shown: all scrubbed, or a template once the session touched card data. */
  readonly safeFields: (fields: ErrorFields, tainted: boolean) => ErrorFields
  /** A setting that changes how statements are read is no longer what we pinned: the session must end. */
  readonly onDrift: (parameter: string) => void
}

/** What an upstream says besides rows: errors, notices, settings, notifications. All of it may carry data. */
export class Speech {
  readonly #deps: SpeechDeps

  constructor(deps: SpeechDeps) {
    this.#deps = deps
  }

  error(frame: BackendFrame<'errorResponse'>, head: Expected<Run> | undefined): Buffer {
    const { fields } = decodeBackend(frame)
    if (head?.kind === 'check') {
      head.onError(this.#deps.safeFields(fields, this.#deps.tracking.tainted))
      return frame.bytes
    }
    this.#deps.completions.failed(fields.get('C'), head)
    return encodeBackend({ name: 'errorResponse', fields: this.#deps.safeFields(fields, this.#deps.tracking.tainted) })
  }

  notice(frame: BackendFrame<'noticeResponse'>): Buffer {
    const { tracking, append, scrub, safeFields } = this.#deps
    const fields = safeFields(decodeBackend(frame).fields, tracking.tainted)
    append({
      kind: 'pg.notice',
      severity: scrub(fields.get('V') ?? fields.get('S') ?? ''),
      sqlstate: fields.get('C'),
      text: scrub(fields.get('M') ?? ''),
    })
    return encodeBackend({ name: 'noticeResponse', fields })
  }

  notification(frame: BackendFrame<'notificationResponse'>): Buffer {
    const { append, scrub } = this.#deps
    const message = decodeBackend(frame)
    const [channel, payload] = [scrub(message.channel), scrub(message.payload)]
    append({ kind: 'pg.notification', channel, payload })
    return encodeBackend({ ...message, channel, payload })
  }

  parameter(frame: BackendFrame<'parameterStatus'>): Buffer {
    const { append, scrub, onDrift } = this.#deps
    const message = decodeBackend(frame)
    const pinned = PINNED.get(message.parameter)
    if (pinned !== undefined && pinned.toLowerCase() !== message.value.toLowerCase()) onDrift(message.parameter)
    const value = scrub(message.value)
    append({ kind: 'pg.parameter', name: scrub(message.parameter), value })
    return encodeBackend({ ...message, value })
  }
}
