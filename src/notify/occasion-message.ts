import { isName } from '../model/ids.ts'
import type { Occasion, OccasionKind } from '../model/occasion.ts'
import { inert } from './inert.ts'
import type { Line, Notice } from './notice.ts'

export interface OccasionTold {
  readonly occasion: Occasion
  /** Milliseconds since 1970. */
  readonly at: number
  readonly publicUrl: string
  readonly scrub: (text: string) => string
}

const HEADLINES: Readonly<Record<OccasionKind, string>> = {
  'break-glass.used': 'Break-glass was used',
  'review.opened': 'A break-glass waits for its review',
  'review.signed': 'A break-glass was reviewed',
  'script.opened': 'A script waits for approval',
  'script.decided': 'A script was answered',
  'script.settled': 'A script waits no more',
  'grant.revoked': 'Access was revoked',
  'stop.ordered': 'A stop was ordered',
  'stop.lifted': 'A stop was lifted',
}

/** Everything else in a message. Only a script asks for something that one person could ask for again and again. */
export function occasionNotice({ occasion, at, publicUrl, scrub }: OccasionTold): Notice {
  const { kind, subject, person, target, path } = occasion
  const by = actor(occasion.by, scrub)
  const facts = occasion.facts.map(({ label, text }) => ({ label: inert(label, scrub), text: inert(text, scrub) }))
  const link = `${publicUrl.replace(/\/+$/, '')}${path}`
  const where = target === undefined ? '' : ` on ${target}`
  return {
    kind,
    subject,
    weight: kind === 'script.opened' ? { kind: 'asks', person: occasion.by } : { kind: 'always' },
    headline: `${HEADLINES[kind]}${where} by ${by}`,
    lines: [...linesOf(occasion, by), ...facts],
    link,
    payload: {
      ...{ kind, at: new Date(at).toISOString(), link, subject, by },
      ...{ person: person ?? null, target: target ?? null, facts },
    },
  }
}

function linesOf({ person, target, subject }: Occasion, by: string): readonly Line[] {
  const known = { By: by, Person: person, Target: target, About: subject }
  return Object.entries(known).flatMap(([label, text]) => (text === undefined ? [] : [{ label, text }]))
}

/** A person's name as it is; an account of the machine is not of our making. */
const actor = (by: string, scrub: OccasionTold['scrub']): string =>
  isName(by) ? scrub(by) : inert(by, scrub).replaceAll(/[^\p{L}\p{N}.,:;?!()' _-]/gu, '?')
