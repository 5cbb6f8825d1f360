import type { Notice } from './notice.ts'

/** What a channel gets in place of further messages that one person sets off. */
export function floodNotice({ person, limit, at, publicUrl }: FloodTold): Notice {
  const link = `${publicUrl.replace(/\/+$/, '')}/approvals`
  const kind = FLOOD
  return {
    kind,
    subject: `person:${person}`,
    weight: { kind: 'asks', person },
    headline: `${person} has asked more than ${limit} times within an hour: further messages are left out`,
    lines: [
      { label: 'Person', text: person },
      { label: 'Mind', text: 'what was left out still waits, and is in the list' },
    ],
    link,
    payload: { kind, at: new Date(at).toISOString(), link, person, limit },
  }
}

export const FLOOD = 'messages.flood'

export interface FloodTold {
  readonly person: string
  /** Messages of one person that one channel gets within an hour. */
  readonly limit: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly publicUrl: string
}
