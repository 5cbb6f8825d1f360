import type { Estimate } from '../model/estimate.ts'
import type { ApprovalId, PersonName } from '../model/ids.ts'
import type { HoldTerms, Verdict } from '../model/verdict.ts'
import type { JudgeOptions, Witness } from './judgement.ts'
import type { Hold, HoldDesk, HoldEnd, HoldRequest } from './holds.ts'
import type { AnyReading, AnyRequest } from './matter.ts'
import { refused, type Decider, type HeldNotice, type Refused } from './ruling.ts'
import type { SoFar } from './so-far.ts'

/** How the wait for countersignatures ended. */
export type Waiting =
  | {
      readonly outcome: 'approved'
      readonly approval: ApprovalId
      readonly by: readonly PersonName[]
      readonly how: string
    }
  | {
      readonly outcome: 'refused'
      readonly approval: ApprovalId | undefined
      readonly by: readonly PersonName[]
      readonly refusal: Refused
    }

export interface WaitingWork {
  readonly request: Pick<AnyRequest, 'statement' | 'transaction'>
  readonly reading: AnyReading
  readonly searchPath: readonly string[] | undefined
  readonly verdict: Verdict
  readonly digest: string
  readonly statement: number
  readonly options: JudgeOptions
  readonly estimates: readonly Estimate[]
  readonly soFar: SoFar | undefined
}

/** Of the guard's own. */
export interface WaitingDeps {
  readonly holds: HoldDesk
  readonly witness: Witness
  readonly after: (ms: number, callback: () => void) => () => void
}

/** The client hears again that its statement waits. */
const REMIND_MS = 30_000

/** Opens the hold, tells the client, and waits for whichever comes first: a decision, the end of time, a cancel, a hang-up. */
export async function wait(deps: WaitingDeps, work: WaitingWork): Promise<Waiting> {
  const { options, verdict } = work
  if (options.gone.aborted || options.cancelled.aborted) return neverOpened(options)
  const hold = await deps.holds.open(requestOf(work))
  await recordHold(deps, work, hold)
  const stopReminding = remind(deps, () => options.onHeld?.(noticeOf(hold, verdict)))
  const stopWatching = withdrawWhenGone(deps, hold, options)
  try {
    return outcomeOf(hold, await hold.settled, verdict)
  } finally {
    stopReminding()
    stopWatching()
  }
}

/** A hold that cannot be recorded must not be left for people to answer. */
async function recordHold(deps: WaitingDeps, { statement, digest, verdict }: WaitingWork, hold: Hold): Promise<void> {
  const { approval } = hold
  try {
    deps.witness.append({ kind: 'hold', statement, approval, digest, terms: verdict.holds })
    await deps.witness.settle()
  } catch (error) {
    deps.holds.withdraw(approval, 'void', 'the session cannot be recorded').catch(() => undefined)
    throw error
  }
}

const requestOf = ({ request, reading, searchPath, verdict, digest, estimates, soFar }: WaitingWork): HoldRequest => ({
  estimates,
  soFar,
  digest,
  verdict,
  reading,
  statement: request.statement,
  searchPath,
  transaction: request.transaction,
})

function remind(deps: WaitingDeps, say: () => void): () => void {
  say()
  let stop = (): void => undefined
  const again = (): void => {
    stop = deps.after(REMIND_MS, () => {
      say()
      again()
    })
  }
  again()
  return () => stop()
}

/** Whether the withdrawal or an earlier decision wins is settled in the store; `settled` tells which. */
function withdrawWhenGone(deps: WaitingDeps, hold: Hold, { gone, cancelled }: JudgeOptions): () => void {
  const withdraw = (end: 'withdrawn' | 'void', reason: string): void => {
    deps.holds.withdraw(hold.approval, end, reason).catch(() => undefined)
  }
  const onCancel = (): void => withdraw('withdrawn', 'cancelled by the client')
  const onGone = (): void => withdraw('void', whyGone(gone))
  cancelled.addEventListener('abort', onCancel, { once: true })
  gone.addEventListener('abort', onGone, { once: true })
  if (cancelled.aborted) onCancel()
  if (gone.aborted) onGone()
  return () => {
    cancelled.removeEventListener('abort', onCancel)
    gone.removeEventListener('abort', onGone)
  }
}

/** The session's last words, where it gave any to the signal. */
const whyGone = ({ reason }: AbortSignal): string => (typeof reason === 'string' ? reason : 'the client left')

function outcomeOf(hold: Hold, end: HoldEnd, verdict: Verdict): Waiting {
  const { approval } = hold
  const rule = `Rule: ${verdict.holds.map((terms) => terms.rule).join(', ')}. Approval ${approval}.`
  switch (end.end) {
    case 'approved':
      return { outcome: 'approved', approval, by: end.by.map(({ person }) => person), how: end.how ?? 'countersigned' }
    case 'denied':
      return {
        outcome: 'refused',
        approval,
        by: [end.by.person],
        refusal: refused('declined', sentence(end.by), { detail: rule }),
      }
    case 'expired':
      return {
        outcome: 'refused',
        approval,
        by: [],
        refusal: refused('expired', 'nobody countersigned this statement in time', { detail: rule }),
      }
    case 'withdrawn':
      return {
        outcome: 'refused',
        approval,
        by: [],
        refusal: refused('withdrawn', 'canceling the held statement on your request', { detail: rule }),
      }
    case 'void':
      return {
        outcome: 'refused',
        approval,
        by: [],
        refusal: refused('void', `the approval is void: ${end.reason}`, { detail: rule }),
      }
  }
}

const sentence = ({ person, reason }: Decider): string =>
  reason === undefined
    ? `${person} declined to countersign this statement`
    : `${person} declined to countersign this statement: ${reason}`

function noticeOf(hold: Hold, verdict: Verdict): HeldNotice {
  return {
    approval: hold.approval,
    rules: verdict.holds.map((terms) => terms.rule),
    message: [...new Set(verdict.matches.map((match) => match.message))].join(' '),
    link: hold.link,
    expiresAt: hold.expiresAt,
    needs: needsOf(verdict.holds),
  }
}

/** E.g. `1 approver`, or `2 of approver or security` where a rule asks for more. */
function needsOf(terms: readonly HoldTerms[]): string {
  const phrases = terms.map(({ need, from }) => `${need} ${from.join(' or ')}`)
  return [...new Set(phrases)].join(' and ')
}

function neverOpened(options: JudgeOptions): Waiting {
  const refusal = options.gone.aborted
    ? refused('void', 'the approval is void: the client left')
    : refused('withdrawn', 'canceling the held statement on your request')
  return { outcome: 'refused', approval: undefined, by: [], refusal }
}
