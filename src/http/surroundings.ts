import type { Approval } from '../approvals/approval.ts'
import { nearestDenied } from '../approvals/near-denied.ts'
import { SHOWN_MS } from '../approvals/reciprocal.ts'
import { summaryOf, timeOf } from './approval-view.ts'
import type { DecidingDeps } from './deciding.ts'
import type { Surroundings } from './surroundings-schema.ts'
import { seesApproval } from './sight.ts'
import type { Viewer } from './viewer.ts'

/** Denied statements of one person that are looked through. */
const LOOKED_THROUGH = 50

/** What whoever decides should know besides the statement: that almost the same was denied, and that a favour would be returned. */
export async function surroundingsOf(approval: Approval, viewer: Viewer, deps: DecidingDeps): Promise<Surroundings> {
  const [denied, favour, lapsed] = await Promise.all([
    deps.approvals.list({ state: 'denied', person: approval.person, limit: LOOKED_THROUGH }),
    deps.approvals.favour({
      by: approval.human,
      for: viewer.owner ?? viewer.person,
      since: deps.now() - SHOWN_MS,
    }),
    isUndecided(approval) ? deps.approvals.lapsed(approval.id) : [],
  ])
  const near = nearestDenied(
    approval,
    denied.filter((one) => seesApproval(viewer, one)),
  )
  return {
    nearDenied: near === undefined ? null : nearShown(near, deps),
    returnsFavour: favour === undefined ? null : { of: favour.of, at: timeOf(favour.at) },
    lapsed: [...lapsed],
  }
}

/** Later, who is still here changes nothing any more. */
const isUndecided = ({ state }: Approval): boolean => state === 'open' || state === 'approved'

function nearShown({ approval, words }: NonNullable<ReturnType<typeof nearestDenied>>, deps: DecidingDeps) {
  const { id, statement, decisions, ended } = summaryOf(approval, deps)
  const by = decisions.find(({ kind }) => kind === 'deny')?.person ?? 'somebody'
  const told = words === 0 ? 'the same words as' : `${words} ${words === 1 ? 'word differs' : 'words differ'} from`
  return {
    approval: id,
    words,
    by,
    reason: ended?.reason ?? null,
    statement,
    told: `${told} ${id}, which ${by} denied`,
  }
}
