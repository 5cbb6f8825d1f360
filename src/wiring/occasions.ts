import type { Review } from '../approvals/review.ts'
import type { Script } from '../approvals/script.ts'
import { isName, personName, targetName } from '../model/ids.ts'
import type { GrantId, ReviewId, ScriptId } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Occasion, OccasionKind } from '../model/occasion.ts'
import type { TidingKind } from '../model/tiding.ts'
import type { Store } from '../store/open-store.ts'

export interface OccasionDeps {
  readonly store: Pick<Store, 'scripts' | 'reviews' | 'grants'>
}

export interface Telling {
  readonly kind: TidingKind
  readonly note: LedgerNote
}

/** What everybody is told of break-glass, scripts, revoked grants and stop orders. */
export async function occasionsOf({ kind, note }: Telling, { store }: OccasionDeps): Promise<readonly Occasion[]> {
  const id = note.resource.slice(note.resource.indexOf(':') + 1)
  switch (kind) {
    case 'approval.break-glass': {
      const review = await store.reviews.find({ id: wordOf(note, 'review') as ReviewId })
      return review === undefined ? [] : [used(note, review), reviewed(review, 'review.opened')]
    }
    case 'review.signed': {
      const review = await store.reviews.find({ id: id as ReviewId })
      return review === undefined ? [] : [reviewed(review, kind)]
    }
    case 'grant.revoked':
      return revoked(note, await store.grants.find({ id: id as GrantId }))
    case 'stop.ordered':
    case 'stop.lifted':
      return [stopped(kind, note)]
    default: {
      const script = await store.scripts.find({ id: id as ScriptId })
      return script === undefined ? [] : scriptTold(note, script)
    }
  }
}

function used(note: LedgerNote, { person, target, incident }: Review): Occasion {
  const rules = note.detail['rules']
  return {
    ...{ kind: 'break-glass.used', subject: note.resource, by: note.by, person, target },
    facts: [
      { label: 'Incident', text: incident },
      { label: 'Rules', text: Array.isArray(rules) ? rules.join(', ') : '' },
    ],
    path: `/approvals/${note.resource.slice('approval:'.length)}`,
    channels: [],
  }
}

const reviewed = (review: Review, kind: 'review.opened' | 'review.signed'): Occasion => ({
  ...{ kind, subject: `review:${review.id}`, person: review.person, target: review.target },
  by: kind === 'review.opened' ? review.person : (review.signedBy ?? review.person),
  facts: [{ label: 'Incident', text: review.incident }],
  path: `/reviews/${review.id}`,
  channels: [],
})

function revoked(note: LedgerNote, grant: Awaited<ReturnType<Store['grants']['find']>>): readonly Occasion[] {
  if (grant === undefined) return []
  const { id, person, target } = grant
  return [
    {
      ...{ kind: 'grant.revoked', subject: `grant:${id}`, by: note.by, person, target },
      ...{ facts: [{ label: 'Grant', text: id }], path: '/access', channels: [] },
    },
  ]
}

const COUNTED = ['sessions', 'holds', 'grants', 'credentials'] as const

function stopped(kind: 'stop.ordered' | 'stop.lifted', note: LedgerNote): Occasion {
  const scope = wordOf(note, 'scope')
  const name = note.resource.slice(scope.length + 1)
  const ended = COUNTED.flatMap((what) => {
    const count = note.detail[what]
    return typeof count === 'number' ? [`${count} ${what}`] : []
  })
  return {
    ...{ kind, subject: note.resource, by: note.by },
    person: scope === 'person' && isName(name) ? personName(name) : undefined,
    target: scope === 'target' && isName(name) ? targetName(name) : undefined,
    facts: [
      { label: 'Scope', text: scope },
      ...(ended.length === 0 ? [] : [{ label: 'Ended', text: ended.join(', ') }]),
    ],
    ...{ path: '/health', channels: [] },
  }
}

/** What no rule holds asks nobody. */
function scriptTold(note: LedgerNote, script: Script): readonly Occasion[] {
  if (script.holds.length === 0) return []
  return [
    {
      ...{ kind: scriptKind(note.kind), subject: `script:${script.id}`, person: script.person, target: script.target },
      by: note.kind === 'script.escalated' ? (script.settledBy ?? note.by) : note.by,
      facts: [
        { label: 'Statements', text: String(script.statements.length) },
        { label: 'State', text: note.outcome },
        { label: 'Rules', text: script.matches.map(({ rule }) => rule).join(', ') },
      ],
      path: `/scripts/${script.id}`,
      channels: scriptChannels(script),
    },
  ]
}

function scriptKind(kind: string): OccasionKind {
  if (kind === 'script.submitted') return 'script.opened'
  return kind === 'script.decided' || kind === 'script.escalated' ? 'script.decided' : 'script.settled'
}

/** Rules without a channel ask for every one, and so does any mixture with such a rule. */
const scriptChannels = ({ holds }: Script): readonly string[] =>
  holds.some((terms) => terms.notify.length === 0) ? [] : [...new Set(holds.flatMap((terms) => terms.notify))]

function wordOf({ detail }: LedgerNote, name: string): string {
  const value = detail[name]
  return typeof value === 'string' ? value : ''
}
