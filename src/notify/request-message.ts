import type { RequestEvent } from '../access/requests.ts'
import type { AccessRequest } from '../model/access-request.ts'
import { RIGHTS_WORDS } from '../model/rights.ts'
import { inert } from './inert.ts'
import type { Line, Notice } from './notice.ts'

export interface RequestTold {
  readonly event: RequestEvent
  /** Milliseconds since 1970. */
  readonly at: number
  readonly publicUrl: string
  readonly scrub: (text: string) => string
}

/** An access request in a message. Its reason and ticket are the person's own words and stay on the page. */
export function requestNotice({ event, at, publicUrl, scrub }: RequestTold): Notice {
  const { kind, request } = event
  const { id, person, target, rights, state, rule } = request
  const link = `${publicUrl.replace(/\/+$/, '')}/access-requests/${id}`
  const [until, minutes] = [new Date(request.expiresAt).toISOString(), Math.ceil(request.forMs / 60_000)]
  return {
    kind: `request.${kind}`,
    subject: `request:${id}`,
    weight: kind === 'opened' || kind === 'escalated' ? { kind: 'asks', person } : { kind: 'follows' },
    headline: headlineOf(event),
    lines: linesOf(request, { until, minutes, rule: inert(rule, scrub) }),
    link,
    payload: {
      ...{ kind: `request.${kind}`, at: new Date(at).toISOString(), link, person, target, rule: inert(rule, scrub) },
      ...{ request: { id, state, rights, minutes, renewal: request.renews !== undefined, expiresAt: until } },
    },
  }
}

function headlineOf({ kind, request: { person, target, state, renews } }: RequestEvent): string {
  const wish = renews === undefined ? `access to ${target}` : `longer access to ${target}`
  switch (kind) {
    case 'opened':
      return `${person} asks for ${wish}`
    case 'escalated':
      return `Nobody has answered yet: ${person} asks for ${wish}`
    case 'decided':
      return `The request of ${person} for ${wish} has been answered: ${state}`
    case 'settled':
      return `The request of ${person} for ${wish} is ${state}`
  }
}

function linesOf(
  { id, person, target, rights, state }: AccessRequest,
  { until, minutes, rule }: { readonly until: string; readonly minutes: number; readonly rule: string },
): readonly Line[] {
  return [
    { label: 'Person', text: person },
    { label: 'Target', text: target },
    { label: 'Rights', text: RIGHTS_WORDS[rights] },
    { label: 'For', text: `${minutes} minutes` },
    { label: 'State', text: state },
    { label: 'Rule', text: rule },
    { label: 'Request', text: id },
    { label: 'Answer until', text: until },
  ]
}
