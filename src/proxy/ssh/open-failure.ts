import type { Refused } from '../../session/ruling.ts'
import { asOneLine, refusalLines } from './refusals.ts'

/** RFC 4254, section 5.1. */
const PROHIBITED = 1

/** Calls the library's own refusal of a channel, so that it carries these words. */
export type Explain = (refuse: () => void, refusal: Why | undefined) => void

/** Why a channel is not opened. */
export type Why = Pick<Refused, 'kind' | 'message' | 'detail' | 'hint'>

/**
 * A channel that is not opened has a place for words, which clients show; the library leaves it empty. Refuses without words where the library is not the one
 * that this was written for.
 */
export function explainRefusals(connection: object): Explain {
  const protocol: unknown = Reflect.get(connection, '_protocol')
  if (!isProtocol(protocol)) return (refuse) => refuse()
  const first = protocol.channelOpenFail.bind(protocol)
  let why: Why | undefined
  protocol.channelOpenFail = (channel, reason, words) => {
    if (why === undefined) first(channel, reason, words)
    else first(channel, why.kind === 'unavailable' ? reason : PROHIBITED, asOneLine(refusalLines(why)))
  }
  return (refuse, refusal) => {
    why = refusal
    try {
      refuse()
    } finally {
      why = undefined
    }
  }
}

/** The part of the library's own state that this needs. */
interface Protocol {
  channelOpenFail(this: Protocol, channel: number, reason: number, words: string): void
}

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'channelOpenFail') === 'function'
