import { channelsOf as stageChannels, type RequestEvent } from '../access/requests.ts'
import type { Approval } from '../approvals/approval.ts'
import type { AccessRequest, RequestId, RequestState } from '../model/access-request.ts'
import type { Facts } from '../model/facts.ts'
import type { ApprovalId } from '../model/ids.ts'
import type { LedgerNote, NoteValue } from '../model/ledger.ts'
import { ROLES } from '../model/principal.ts'
import { isTiding, type TidingKind } from '../model/tiding.ts'
import { approvalNotice, type ApprovalMessage } from '../notify/message.ts'
import { occasionNotice } from '../notify/occasion-message.ts'
import type { Posting } from '../notify/outbox.ts'
import { requestNotice } from '../notify/request-message.ts'
import type { Store } from '../store/open-store.ts'
import { occasionsOf } from './occasions.ts'

export interface TidingDeps {
  readonly store: Pick<Store, 'approvals' | 'requests' | 'scripts' | 'reviews' | 'grants'>
  /** Facts of a hold that this process has opened; they are not stored. */
  readonly factsOf: (id: ApprovalId) => readonly Facts[]
  readonly publicUrl: string
  readonly scrub: (text: string) => string
}

/** What is told of one change, made of its note and of what the store has: the same whoever makes it, right after the change or after a crash. */
export async function postingsOf(note: LedgerNote, deps: TidingDeps): Promise<readonly Posting[]> {
  if (!isTiding(note.kind)) return []
  const about = ABOUT[note.kind]
  switch (about.of) {
    case 'approval':
      return approvalPostings(note, about.told, deps)
    case 'request':
      return requestPostings(note, deps)
    case 'occasion': {
      const occasions = await occasionsOf({ kind: note.kind, note }, deps)
      const { publicUrl, scrub } = deps
      const used = note.kind === 'approval.break-glass' ? await approvalPostings(note, ['approval.decided'], deps) : []
      const told = occasions.map((occasion) => ({
        notice: occasionNotice({ occasion, at: note.at, publicUrl, scrub }),
        channels: occasion.channels,
      }))
      return [...used, ...told]
    }
  }
}

type About =
  | { readonly of: 'approval'; readonly told: readonly ApprovalMessage['kind'][] }
  | { readonly of: 'request' }
  | { readonly of: 'occasion' }

const CLOSED: About = { of: 'approval', told: ['approval.closed'] }
const REQUEST: About = { of: 'request' }
const OCCASION: About = { of: 'occasion' }

const ABOUT: Readonly<Record<TidingKind, About>> = {
  'approval.opened': { of: 'approval', told: ['approval.opened'] },
  'approval.escalated': { of: 'approval', told: ['approval.escalated'] },
  'approval.decided': { of: 'approval', told: ['approval.decided'] },
  'approval.break-glass': OCCASION,
  'approval.expired': CLOSED,
  'approval.withdrawn': CLOSED,
  'approval.void': CLOSED,
  'approval.unknown': CLOSED,
  'request.opened': REQUEST,
  'request.escalated': REQUEST,
  'request.decided': REQUEST,
  'request.withdrawn': REQUEST,
  'request.expired': REQUEST,
  'script.submitted': OCCASION,
  'script.decided': OCCASION,
  'script.escalated': OCCASION,
  'script.withdrawn': OCCASION,
  'script.expired': OCCASION,
  'script.void': OCCASION,
  'review.signed': OCCASION,
  'grant.revoked': OCCASION,
  'stop.ordered': OCCASION,
  'stop.lifted': OCCASION,
}

async function approvalPostings(
  note: LedgerNote,
  told: readonly ApprovalMessage['kind'][],
  { store, factsOf, publicUrl, scrub }: TidingDeps,
): Promise<readonly Posting[]> {
  const approval = await store.approvals.find({ id: idIn(note) as ApprovalId })
  if (approval === undefined) return []
  const state = approvalState(note)
  const common = { ...approval, state, publicUrl, scrub, at: note.at, facts: factsOf(approval.id) }
  // One that was satisfied by its widening asks nobody more.
  if (note.kind === 'approval.escalated' && state === 'open') {
    const asked = ROLES.filter((role) => texts(note.detail['from']).includes(role))
    const notice = approvalNotice({ ...common, kind: 'approval.escalated', asked })
    return [{ notice, channels: texts(note.detail['notify']) }]
  }
  const kinds: readonly ApprovalMessage['kind'][] = note.kind === 'approval.escalated' ? ['approval.decided'] : told
  return kinds.map((kind) => ({ notice: approvalNotice({ ...common, kind }), channels: approvalChannels(approval) }))
}

/** As it stood right after: a note of an end carries it in its kind. */
function approvalState({ kind, outcome }: LedgerNote): string {
  const [, end = ''] = kind.split('.')
  return ['expired', 'withdrawn', 'void', 'unknown'].includes(end) ? end : outcome
}

/** Rules without a channel ask for every one, and so does any mixture with such a rule. */
function approvalChannels({ holds }: Approval): readonly string[] {
  if (holds.some((terms) => terms.notify.length === 0)) return []
  return [...new Set(holds.flatMap((terms) => terms.notify))]
}

async function requestPostings(note: LedgerNote, { store, publicUrl, scrub }: TidingDeps): Promise<readonly Posting[]> {
  const found = await store.requests.find({ id: idIn(note) as RequestId })
  // What a rule granted or refused by itself was nobody's to answer.
  if (found === undefined || found.stages.length === 0) return []
  const decisions = found.decisions.filter(({ at }) => at <= note.at)
  const request: AccessRequest = { ...found, decisions, state: requestState(note) ?? found.state }
  const kind = requestEvent(note.kind, request.state)
  const notify = kind === 'escalated' ? texts(note.detail['notify']) : stageChannels(request)
  const notice = requestNotice({ event: { kind, request, notify }, at: note.at, publicUrl, scrub })
  return [{ notice, channels: notify }]
}

const REQUEST_STATES: readonly RequestState[] = ['open', 'granted', 'refused', 'denied', 'withdrawn', 'expired']

const requestState = ({ outcome }: LedgerNote): RequestState | undefined =>
  REQUEST_STATES.find((state) => state === outcome)

function requestEvent(kind: string, state: RequestState): RequestEvent['kind'] {
  if (kind === 'request.opened') return 'opened'
  if (kind === 'request.escalated') return 'escalated'
  return state === 'open' ? 'decided' : 'settled'
}

/** What stands behind the first colon of a note's resource. */
export const idIn = ({ resource }: Pick<LedgerNote, 'resource'>): string => resource.slice(resource.indexOf(':') + 1)

/** The texts of a list in a note's detail. */
const texts = (value: NoteValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
