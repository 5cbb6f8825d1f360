import type { Approvals } from '../approvals/approvals.ts'
import type { Approval, Decision, Eligible } from '../approvals/approval.ts'
import type { OpenOutcome, Settlement } from '../approvals/hold.ts'
import type { Estimate } from '../model/estimate.ts'
import type { ApprovalId, GrantId, PersonName, SessionId } from '../model/ids.ts'
import type { Principal, Role } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Classified } from '../model/statement.ts'
import { isCde, type Target } from '../model/target.ts'
import type { Verdict } from '../model/verdict.ts'
import { CodedError } from '../std/errors.ts'
import type { Tally } from '../std/tally.ts'
import type { HoldDesk, HoldEnd, HoldRequest } from './holds.ts'
import type { Decider } from './ruling.ts'
import type { SoFar } from './so-far.ts'

/** The held frame as approvers see it; it lives in memory while the hold is open and nowhere else. */
export interface ShownStatement {
  readonly database: string
  readonly account: string
  readonly searchPath: readonly string[] | undefined
  readonly transaction: 'idle' | 'open' | 'failed'
  readonly statements: readonly Classified[]
  /** For each statement of the frame. */
  readonly estimates?: readonly Estimate[]
  /** The open transaction before it. */
  readonly soFar?: SoFar | undefined
  /** What the requester may do, and by which right they are here. */
  readonly roles?: readonly Role[]
  readonly grant?: GrantShown | undefined
}

/** The right by which a session came in. */
export interface GrantShown {
  readonly id: GrantId
  readonly rights: Rights
  readonly by: string
  readonly reason: string
  readonly ticket: string | undefined
  readonly expiresAt: number
}

export interface HoldDeskDeps {
  readonly approvals: Pick<Approvals<ShownStatement>, 'open' | 'withdraw' | 'claim' | 'finish'>
  readonly session: SessionId
  readonly principal: Principal
  /** The human behind a service account. */
  readonly owner: PersonName | undefined
  readonly target: Target
  readonly database: string
  /** Address of the client. */
  readonly origin: string
  readonly linkOf: (approval: ApprovalId) => string
  /** Everyone with a role, as of now: whoever joins later does not countersign. */
  readonly eligible: () => Promise<readonly Eligible[]>
  /** The session's grant as it stands now. Never rejects. */
  readonly grant?: () => Promise<GrantShown | undefined>
  /** Grant, person and session are all still good; asked again when the approval is claimed. */
  readonly alive: () => boolean
  /** Told of every hold that is settled. */
  readonly tally: Pick<Tally<HoldEnd['end']>, 'count'>
}

const REFUSALS: Readonly<Record<Exclude<OpenOutcome, { outcome: 'held' }>['why'], string>> = {
  'too-long': 'it is too long to be shown whole to an approver',
  'nobody-asked': 'no rule says who may countersign it',
  'person-quota': 'you have too many statements waiting already',
  'target-quota': 'too many statements wait for this target already',
  'hour-quota': 'you have had too many statements held within the last hour',
}

/** Opens, withdraws and claims holds for one session. */
export function createHoldDesk(deps: HoldDeskDeps): HoldDesk {
  const { approvals, session, origin, principal, tally } = deps
  const counted = (settlement: Settlement): HoldEnd => {
    const end = endOf(settlement)
    tally.count(end.end)
    return end
  }
  return {
    async open(request) {
      const outcome = await approvals.open(await approvalOf(deps, request))
      if (outcome.outcome === 'refused') {
        const clientMessage = REFUSALS[outcome.why]
        throw new CodedError('E_HOLD_REFUSED', { clientMessage, fields: { why: outcome.why } })
      }
      const { id, expiresAt, settled } = outcome
      return { approval: id, link: deps.linkOf(id), expiresAt, settled: settled.then(counted) }
    },
    async withdraw(approval, end, reason) {
      await approvals.withdraw(approval, end, { by: principal.person, origin, reason })
    },
    claim: (approval) => approvals.claim(approval, session),
    async finish(approval, end, detail) {
      await approvals.finish(approval, end, detail)
    },
  }
}

async function approvalOf(
  deps: HoldDeskDeps,
  request: HoldRequest,
): Promise<Parameters<HoldDeskDeps['approvals']['open']>[0]> {
  const { verdict, statement, reading, transaction, searchPath, estimates, soFar } = request
  const { target, database, session, principal, owner, origin, alive } = deps
  const statements = [{ statement, facts: reading.facts }]
  return {
    session,
    person: principal.person,
    owner,
    target: target.name,
    digest: request.digest,
    matches: holding(verdict),
    holds: verdict.holds,
    redacted: reading.redacted,
    policyVersion: verdict.policyVersion,
    needsFactor: isCde(target),
    eligible: await deps.eligible(),
    display: {
      ...{ database, account: target.account, searchPath, transaction: inWords(transaction), statements },
      ...{ estimates, soFar, roles: principal.roles, grant: await deps.grant?.() },
    },
    displayBytes: bytesOf(statement),
    origin,
    alive,
  }
}

const holding = (verdict: Verdict): Verdict['matches'] => verdict.matches.filter((match) => match.effect === 'hold')

const inWords = (transaction: HoldRequest['transaction']): ShownStatement['transaction'] =>
  transaction === 'transaction' ? 'open' : transaction

/** Bytes that the approver's page would have to show. */
function bytesOf(statement: HoldRequest['statement']): number {
  switch (statement.kind) {
    case 'sql':
      return (
        Buffer.byteLength(statement.text) +
        statement.parameters.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
      )
    case 'shell': {
      const carried = [...statement.environment].reduce(
        (sum, [name, value]) => sum + name.length + Buffer.byteLength(value),
        0,
      )
      return Buffer.byteLength(statement.text) + Buffer.byteLength(statement.directory ?? '') + carried
    }
    case 'file':
      return Buffer.byteLength(statement.path) + Buffer.byteLength(statement.to ?? '')
    case 'open':
    case 'forward':
      return 0
  }
}

function endOf(settlement: Settlement): HoldEnd {
  switch (settlement.state) {
    case 'approved':
      return approvedEnd(settlement.approval)
    case 'denied':
      return { end: 'denied', by: deniedBy(settlement) }
    case 'expired':
    case 'withdrawn':
    case 'void':
      return { end: settlement.state, reason: settlement.reason ?? settlement.state }
  }
}

/** Whoever broke the glass stands for all who were asked, and says so. */
function approvedEnd(approval: Approval): HoldEnd {
  const alone = decidersOf(approval, 'break-glass')
  if (alone.length === 0) return { end: 'approved', by: decidersOf(approval, 'approve') }
  return { end: 'approved', by: alone, how: `break-glass, ${alone[0]?.reason ?? 'no reason'}` }
}

const decidersOf = (approval: Approval, kind: Decision['kind']): readonly Decider[] =>
  approval.decisions.filter((decision) => decision.kind === kind).map(({ person, reason }) => ({ person, reason }))

function deniedBy({ by, reason }: { by: string | undefined; reason: string | undefined }): Decider {
  return { person: (by ?? 'an approver') as PersonName, reason }
}
