import { bestOf } from '../access/grants.ts'
import { rule } from '../approvals/ruling.ts'
import { answerable, scriptStateAt, type Script } from '../approvals/script.ts'
import type { ScriptAnswer, ScriptDecision } from '../approvals/script-store.ts'
import type { SubmitOutcome } from '../session/script-desk.ts'
import { refusal, returned, spent } from './deciding.ts'
import { answerOfFactor, type Factor } from './factor.ts'
import { asTarget, scriptId } from './ids.ts'
import type { ApprovalsPort, GrantsPort, LoginPort, ScriptsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route, type Call } from './route.ts'
import { EmptyBody } from './schemas.ts'
import { ApproveScriptBody, CheckBody, DenyScriptBody, ScriptsQuery, SubmitBody } from './script-body.ts'
import { ScriptDetail, ScriptList, ScriptPlan, ScriptSummary } from './script-schemas.ts'
import { scriptDetail, scriptSummary, type ScriptViewDeps } from './script-view.ts'
import { seesScript } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface ScriptRouteDeps extends ScriptViewDeps {
  readonly scripts: ScriptsPort
  readonly grants: GrantsPort
  readonly login: LoginPort
  readonly approvals: Pick<ApprovalsPort, 'favour'>
}

const BASE = '/api/v1/scripts'
const LIST_LIMIT = 500
/** The startup parameter by which a session says which script it runs. */
const PARAMETER = 'countersign.script'

/** The routes of scripts ahead of time: submitting, seeing, deciding, and what a run needs to know. */
export function scriptRoutes(deps: ScriptRouteDeps) {
  const get = { method: 'get', body: NO_BODY } as const
  const post = { method: 'post', query: NO_QUERY } as const
  return {
    listScripts: route(
      {
        ...get,
        path: BASE,
        summary: 'Scripts that you may see, newest first',
        query: ScriptsQuery,
        answer: ScriptList,
      },
      async ({ viewer, query }) => {
        const all = await deps.scripts.list({ limit: LIST_LIMIT })
        const seen = all
          .filter((script) => seesScript(viewer, script))
          .filter((script) => (query.state ?? scriptStateAt(script, deps.now())) === scriptStateAt(script, deps.now()))
        return { scripts: seen.map((script) => scriptSummary(script, deps)) }
      },
    ),
    submitScript: route(
      {
        ...{ ...post, path: BASE, summary: 'Ask for an exact script ahead of time', body: SubmitBody },
        ...{ answer: ScriptSummary, status: 201 },
      },
      (call) => submit(call, deps),
    ),
    showScript: route(
      { ...get, path: `${BASE}/:id`, summary: 'One script, whole', query: NO_QUERY, answer: ScriptDetail },
      async ({ viewer, id }) => {
        const script = await findScript(id, viewer, deps)
        if (script instanceof Problem) return script
        return scriptDetail(
          script,
          { content: deps.scripts.content(script), mayDecide: mayDenyScript(script, viewer, deps.now()) },
          deps,
        )
      },
    ),
    checkScript: route(
      {
        ...{ ...post, path: `${BASE}/:id/check`, body: CheckBody, answer: ScriptPlan },
        summary: 'Before a run: whether this is the text that was approved, and where its statements stand',
      },
      (call) => check(call, deps),
    ),
    ...decisionRoutes(deps),
  }
}

function decisionRoutes(deps: ScriptRouteDeps) {
  const post = { method: 'post', query: NO_QUERY, answer: ScriptSummary } as const
  return {
    approveScript: route(
      { ...post, path: `${BASE}/:id/approve`, summary: 'Countersign a script', body: ApproveScriptBody },
      (call) => decideScript(call, { kind: 'approve' }, deps),
    ),
    denyScript: route(
      { ...post, path: `${BASE}/:id/deny`, summary: 'Refuse a script, with a reason', body: DenyScriptBody },
      (call) => decideScript(call, { kind: 'deny', reason: call.body.reason }, deps),
    ),
    withdrawScript: route(
      { ...post, path: `${BASE}/:id/withdraw`, summary: 'Take your own script back', body: EmptyBody },
      (call) => withdrawScript(call, deps),
    ),
  }
}

/** Whether a denial of this viewer would count now: whoever may approve may deny. */
export const mayDenyScript = (script: Script, viewer: Viewer, now: number): boolean =>
  rule(answerable(script), answerOf(script, { viewer, kind: 'deny' }), now).kind === 'decided'

/** One script that this viewer may see, or `not-found`. */
export async function findScript(
  id: string,
  viewer: Viewer,
  { scripts }: Pick<ScriptRouteDeps, 'scripts'>,
): Promise<Script | Problem> {
  const known = scriptId(id)
  const script = known && (await scripts.find(known))
  return script !== undefined && seesScript(viewer, script) ? script : new Problem('not-found')
}

/** The submitter takes it back. */
export async function withdrawScript(
  { viewer, id, address }: Pick<Call<unknown, unknown>, 'viewer' | 'id' | 'address'>,
  deps: ScriptRouteDeps,
) {
  const script = await findScript(id, viewer, deps)
  if (script instanceof Problem) return script
  if (script.person !== viewer.person) return new Problem('forbidden', 'only the submitter withdraws')
  const done = await deps.scripts.withdraw(script.id, { by: viewer.person, origin: address })
  const after = (await deps.scripts.find(script.id)) ?? script
  return done ? scriptSummary(after, deps) : refusal('not-open', scriptStateAt(after, deps.now()))
}

interface SubmitWords {
  readonly target: string
  readonly text: string
  readonly reason: string
  readonly ticket?: string | undefined
  readonly forSeconds: number
}

/** Only under a live grant: a text is read against the target's definitions, and what comes of that tells something of them. */
async function submit({ viewer, address, body }: Call<SubmitWords, unknown>, deps: ScriptRouteDeps) {
  const target = asTarget(body.target)
  const live = await deps.grants.liveOf(viewer.person)
  const grant = bestOf(live.filter((one) => one.target === target))
  if (target === undefined || grant === undefined) return new Problem('no-grant', 'ask for access first')
  const { person, roles, service, owner } = viewer
  const outcome = await deps.scripts.submit({
    ...{ principal: { person, roles, service }, owner, target, rights: grant.rights },
    ...{ text: body.text, reason: body.reason },
    ...{ ticket: body.ticket, forMs: body.forSeconds * 1000, origin: address },
  })
  return outcome.outcome === 'submitted' ? scriptSummary(outcome.script, deps) : refusedSubmission(outcome, deps)
}

function refusedSubmission(
  outcome: Exclude<SubmitOutcome | { readonly outcome: 'no-target' }, { readonly outcome: 'submitted' }>,
  { scrub }: ScriptRouteDeps,
): Problem {
  switch (outcome.outcome) {
    case 'no-target':
      return new Problem('no-grant', 'ask for access first')
    case 'full':
      return new Problem('script-refused', 'too many scripts of yours wait already: withdraw one')
    case 'bad-duration':
      return new Problem('invalid', 'a script may wait between a minute and a day')
    case 'refused': {
      const { statement, message } = outcome
      const where = statement === undefined ? '' : `statement ${statement}: `
      return new Problem('script-refused', scrub(`${where}${message}`), statement === undefined ? {} : { statement })
    }
  }
}

/** A person's words about a script, as they would come to the state machine. `factorFresh` holds because `spent` stands before every use that counts. */
function answerOf(
  { id, digest }: Script,
  by: {
    readonly viewer: Viewer
    readonly kind: 'approve' | 'deny'
    readonly digest?: string
    readonly reason?: string | undefined
    readonly address?: string
  },
): ScriptAnswer {
  const { person, roles, service, owner } = by.viewer
  const said = { kind: by.kind, digest: by.digest ?? digest, reason: by.reason }
  return { ...{ id, person, owner, roles, service, ...said }, factorFresh: true, origin: by.address ?? '' }
}

interface Said {
  readonly digest: string
  readonly factor: Factor
}

/** As for a held statement: what can be refused without the factor is refused before it is spent, by the machine's own rule. */
export async function decideScript<Body extends Said>(
  { viewer, id, address, body }: Pick<Call<Body, unknown>, 'viewer' | 'id' | 'address' | 'body'>,
  { kind, reason }: { readonly kind: 'approve' | 'deny'; readonly reason?: string },
  deps: ScriptRouteDeps,
) {
  const script = await findScript(id, viewer, deps)
  if (script instanceof Problem) return script
  const answer = answerOf(script, { viewer, kind, digest: body.digest, reason, address })
  const foreseen = rule(answerable(script), answer, deps.now())
  if (foreseen.kind === 'refused') return refusal(foreseen.why, scriptStateAt(script, deps.now()))
  if (foreseen.kind === 'repeated') return scriptSummary(script, deps)
  const objection =
    kind === 'approve' ? ((await returned(script, viewer, deps)) ?? (await unfit(script, deps))) : undefined
  if (objection !== undefined) return objection
  const proof = answerOfFactor(body.factor)
  const unproved = await spent({ proof, by: viewer, address, purpose: `${kind} ${script.id}` }, deps.login)
  if (unproved !== undefined) return unproved
  return decided(await deps.scripts.decide(answer), deps)
}

const decided = (outcome: ScriptDecision, deps: ScriptRouteDeps) =>
  outcome.outcome === 'recorded' ? scriptSummary(outcome.script, deps) : refusal(outcome.why, outcome.state)

/** What cannot be shown whole, or is not what was submitted any more, is not approved. */
async function unfit(script: Script, deps: ScriptRouteDeps): Promise<Problem | undefined> {
  const { shown } = scriptDetail(script, { content: deps.scripts.content(script), mayDecide: true }, deps)
  if (shown === null) return new Problem('not-shown', 'it is too long')
  return voided(script, deps)
}

async function voided(script: Script, { scripts, scrub }: ScriptRouteDeps): Promise<Problem | undefined> {
  const changed = await scripts.changedSince(script)
  if (changed === undefined) return undefined
  if (!changed.lasts) return new Problem('not-ready', scrub(changed.what))
  await scripts.revoke(script.id, changed.what)
  return new Problem('script-changed', scrub(`the script is void: ${changed.what}`), { state: 'void' })
}

/** A changed file is a mistake of its owner and leaves the approval as it is; a changed target makes it void. */
async function check({ viewer, id, body }: Call<{ readonly text: string }, unknown>, deps: ScriptRouteDeps) {
  const script = await findScript(id, viewer, deps)
  if (script instanceof Problem) return script
  if (script.person !== viewer.person) return new Problem('forbidden', 'only the submitter runs it')
  const state = scriptStateAt(script, deps.now())
  if (state !== 'approved') return refusal('not-open', state)
  if (deps.scripts.content(script).text !== body.text)
    return new Problem('script-changed', 'the text is not, byte for byte, the one that was approved; nothing was run')
  const objection = await voided(script, deps)
  if (objection !== undefined) return objection
  const { target, database } = script
  const statements = script.statements.map(({ start, end }) => ({ start, end }))
  return { id: script.id, target, database, parameter: { name: PARAMETER, value: script.id }, statements }
}
