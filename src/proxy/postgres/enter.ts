import {
  scriptBehind,
  type ApprovalId,
  type GrantId,
  type PersonName,
  type SessionId,
  type TargetName,
} from '../../model/ids.ts'
import type { Principal } from '../../model/principal.ts'
import type { Rights } from '../../model/rights.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'
import type { SessionRecording } from '../../recording/session-recording.ts'
import type { Recorder } from '../../recording/writer.ts'
import type { SessionIndex } from '../../model/session-entry.ts'
import type { SqlGuard } from '../../session/judgement.ts'
import type { Beginning } from '../../session/script-desk.ts'
import type { Preapproved, ScriptRun } from '../../session/script-run.ts'
import type { LiveSession, Registry, SessionPort } from '../../session/registry.ts'
import type { Tallies } from '../../session/tallies.ts'
import { asError, CodedError } from '../../std/errors.ts'
import type { CancelKeys } from './cancel-keys.ts'
import type { Entered } from './connection.ts'
import type { UpstreamSocket } from './dial.ts'
import type { PostgresDatabase, PostgresTarget } from './target.ts'
import { errorResponse, readyForQuery, type ErrorText } from './refusals.ts'
import { PostgresSession, type SessionEnd, type SessionParts } from './session.ts'
import { PINNED } from './startup-parameters.ts'
import { Tracking } from './tracking.ts'

/** What a session's guard needs that only the session knows. */
export interface GuardContext {
  readonly session: SessionId
  readonly principal: Principal
  /** The human behind a service account. */
  readonly owner: PersonName | undefined
  readonly database: PostgresDatabase
  readonly source: string
  readonly recording: SessionRecording
  /** Whether the session is still there, asked again when an approval is claimed. */
  readonly alive: () => boolean
  /** In a session that runs a script: what lets its statements through. */
  readonly preapproved: Preapproved | undefined
  /** The grant by which it came in, and what that is for. */
  readonly grant: GrantId
  readonly rights: Rights
}

export interface EnterDeps extends Pick<
  SessionParts,
  'cells' | 'columnsOf' | 'scrub' | 'safeFields' | 'monoMicros' | 'after' | 'idleMs' | 'maxKeptRows'
> {
  readonly targets: ReadonlyMap<string, PostgresTarget>
  /** The person as of now; undefined where the account is gone. */
  readonly whoIs: (
    person: PersonName,
  ) => Promise<{ readonly principal: Principal; readonly owner: PersonName | undefined } | undefined>
  /** What ends a program's session instead of `idleMs`. */
  readonly serviceIdleMs: number
  /** What keeps new logins from a target, as a sentence; undefined while nothing does. */
  readonly stopped: (target: TargetName) => Promise<string | undefined>
  readonly tallies: Pick<Tallies, 'sessionsOpened' | 'sessionsClosed'>
  readonly registry: Registry
  readonly sessions: SessionIndex
  readonly recorder: Recorder
  readonly cancelKeys: CancelKeys
  readonly newSessionId: () => SessionId
  readonly now: () => number
  readonly policyVersion: () => string
  readonly guardFor: (context: GuardContext) => SqlGuard
  /** Claims the script that a session says it runs, or says in one sentence why it may not. */
  readonly beginScript: (beginning: Beginning) => Promise<ScriptRun | string>
  readonly finishApproval: (
    session: SessionId,
    approval: ApprovalId,
    end: { to: 'done' | 'unknown'; detail: string },
  ) => void
  readonly onError: (error: Error, fields: Readonly<Record<string, string>>) => void
}

/** A session from the moment its person is known: recorded first, then connected, then run. */
export async function enter(entered: Entered, deps: EnterDeps): Promise<void> {
  const opened = await open(entered, deps)
  if (!('recording' in opened)) {
    sendLast(entered, opened)
    return
  }
  const { recording, id, database } = opened
  const detach = database.attach()
  let script: ScriptRun | undefined
  let end: SessionEnd = { reason: 'fault', text: 'an internal fault ended the session' }
  try {
    // Both at once: the first statement should find the catalog there.
    const [upstream] = await Promise.all([database.dial(parametersOf(entered, id)), database.freshCatalog()])
    const begun = await scriptOf(opened, entered, deps)
    if (typeof begun === 'string') {
      upstream.socket.destroy()
      sendLast(entered, { code: '42501', message: begun })
      end = { reason: 'terminated', text: begun }
    } else {
      script = begun
      end = await runSession({ ...opened, entered, deps, upstream, script })
    }
  } catch (thrown) {
    const error = asError(thrown)
    deps.onError(error, { session: id, target: database.target.name })
    const message = error instanceof CodedError ? error.clientMessage : 'the target could not be reached'
    end = { reason: 'upstream-left', text: message }
    sendLast(entered, { code: '08001', message })
  } finally {
    detach()
    await script?.close()
    await close({ deps, id, recording }, end)
  }
}

/** Claimed once the target has answered: a target that is not there uses up no approval. */
async function scriptOf(
  { id, database, principal }: Opened,
  { script, source }: Entered,
  deps: EnterDeps,
): Promise<ScriptRun | string | undefined> {
  if (script === undefined) return undefined
  return deps.beginScript({ id: script, session: id, principal, database, origin: source })
}

interface Opened {
  readonly id: SessionId
  readonly recording: SessionRecording
  readonly database: PostgresDatabase
  readonly principal: Principal
  readonly owner: PersonName | undefined
}

async function open(entered: Entered, deps: EnterDeps): Promise<Opened | ErrorText> {
  const target = deps.targets.get(entered.target)
  const who = await deps.whoIs(entered.person)
  if (target === undefined || who === undefined) return { code: '28000', message: 'the login is no longer valid' }
  const stopped = await deps.stopped(entered.target)
  if (stopped !== undefined) return { code: '57P03', message: stopped }
  if (deps.registry.fullFor(entered.person, entered.source) !== undefined)
    return { code: '53300', message: 'too many sessions are open' }
  const id = deps.newSessionId()
  const database = target.database(entered.database ?? target.target.database)
  const { person, grant, credential } = entered
  const entry = {
    id,
    person,
    target: entered.target,
    protocol: 'postgres',
    grant: grant.id,
    credential: credential.id,
  } as const
  let recording: SessionRecording | undefined
  try {
    recording = deps.recorder.open(headerOf({ entered, deps, id, database, principal: who.principal }))
    deps.tallies.sessionsOpened.count('postgres')
    const startedAt = deps.now()
    await deps.sessions.start({
      entry: { ...entry, origin: entered.source, recording: id, startedAt, endedAt: undefined, endReason: undefined },
    })
    return { id, recording, database, ...who }
  } catch (thrown) {
    deps.onError(asError(thrown), { session: id })
    const text = 'sessions cannot be recorded at the moment, so none is opened'
    if (recording !== undefined) await close({ deps, id, recording }, { reason: 'fault', text })
    return { code: '57P03', message: text }
  }
}

function headerOf(of: {
  entered: Entered
  deps: EnterDeps
  id: SessionId
  database: PostgresDatabase
  principal: Principal
}): Parameters<Recorder['open']>[0] {
  const { entered, deps, id, database, principal } = of
  const { target } = database
  const application = entered.settings.get('application_name')
  return {
    session: id,
    person: entered.person,
    account: deps.scrub(entered.login),
    upstreamAccount: target.account,
    roles: principal.roles,
    service: principal.service,
    address: entered.address,
    tls: entered.tls,
    target: entered.target,
    protocol: 'postgres',
    database: deps.scrub(database.name),
    tags: target.tags,
    grant: entered.grant.id,
    credential: entered.credential.id,
    application: application === undefined ? undefined : deps.scrub(application),
    policyVersion: deps.policyVersion(),
  }
}

interface Running extends Opened {
  readonly entered: Entered
  readonly deps: EnterDeps
  readonly upstream: UpstreamSocket
  readonly script: ScriptRun | undefined
}

async function runSession(running: Running): Promise<SessionEnd> {
  const { entered, deps, id, upstream } = running
  const session = makeSession(running)
  const key = deps.cancelKeys.issue(() => session.cancel())
  entered.client.fedBy(upstream.socket)
  deps.registry.add(liveSession(running, session))
  entered.client.write(welcome(upstream, key, deps.scrub))
  try {
    return await session.run()
  } finally {
    deps.cancelKeys.revoke(key)
    deps.registry.remove(id)
  }
}

function makeSession({
  entered,
  deps,
  id,
  database,
  principal,
  owner,
  recording,
  upstream,
  script,
}: Running): PostgresSession {
  const { client, inbox, socket, source } = entered
  const alive = (): boolean => deps.registry.get(id) !== undefined && !inbox.gone.aborted && !session.isOver
  const preapproved = script?.preapproved
  const guard = deps.guardFor({
    session: id,
    principal,
    owner,
    database,
    source,
    recording,
    alive,
    preapproved,
    grant: entered.grant.id,
    rights: entered.grant.rights,
  })
  const { backendKey } = upstream
  const cancelUpstream = async (): Promise<void> => {
    if (backendKey === undefined) return
    await database.cancel(backendKey).catch((error: unknown) => deps.onError(asError(error), { session: id }))
  }
  const catalog = database.catalog.bind(database)
  const session: PostgresSession = new PostgresSession({
    ...deps,
    ...{ inbox, client, clientSocket: socket, upstreamSocket: upstream.socket, guard, recording, cancelUpstream },
    ...{
      catalog,
      freshCatalog: database.freshCatalog.bind(database),
      noticeTime: database.notice.bind(database),
      tracking: new Tracking(catalog),
    },
    idleMs: principal.service ? deps.serviceIdleMs : deps.idleMs,
    finishApproval: (approval, to, detail) => {
      if (script !== undefined && scriptBehind(approval) !== undefined) script.ended(to, detail)
      else deps.finishApproval(id, approval, { to, detail })
    },
  })
  return session
}

function liveSession({ entered, deps, id }: Running, port: SessionPort): LiveSession {
  const { person, target, grant, credential, source } = entered
  const ids = { id, person, target, grant: grant.id, credential: credential.id }
  return { ...ids, source, port, grantEndsAt: grant.expiresAt, startedAt: deps.now() }
}

/** Everything between AuthenticationSASLFinal and the first ReadyForQuery, with a cancel key of ours in place of the upstream's. */
function welcome(upstream: UpstreamSocket, key: ReturnType<CancelKeys['issue']>, scrub: EnterDeps['scrub']): Buffer {
  const settings = [...upstream.parameters].map(([parameter, value]) =>
    encodeBackend({ name: 'parameterStatus', parameter, value: scrub(value) }),
  )
  return Buffer.concat([
    encodeBackend({ name: 'authenticationOk' }),
    ...settings,
    encodeBackend({ name: 'backendKeyData', processId: key.pid, key: key.secret }),
    readyForQuery('idle'),
  ])
}

async function close(
  of: { deps: EnterDeps; id: SessionId; recording: SessionRecording },
  end: SessionEnd,
): Promise<void> {
  const { deps, id, recording } = of
  deps.registry.remove(id)
  deps.tallies.sessionsClosed.count(end.reason)
  try {
    await deps.sessions.end({ id, at: deps.now(), reason: end.reason })
  } catch (thrown) {
    deps.onError(asError(thrown), { session: id })
  }
  try {
    await recording.close(
      end.text === undefined ? { reason: end.reason } : { reason: end.reason, text: deps.scrub(end.text) },
    )
  } catch (thrown) {
    deps.onError(asError(thrown), { session: id })
  }
}

/** Postgres cuts names at 63 bytes; the person and the session come first, so that the target's own log can be joined with ours. */
const APPLICATION_NAME_LIMIT = 63

function parametersOf(entered: Entered, id: SessionId): ReadonlyMap<string, string> {
  const parameters = new Map(entered.settings)
  for (const [name, value] of PINNED) parameters.set(name, value)
  // A second net under the rules: what nobody could see in a statement, the server refuses.
  if (entered.grant.rights === 'read') parameters.set('default_transaction_read_only', 'on')
  const theirs = entered.settings.get('application_name')
  const name = ['countersign', entered.person, id, ...(theirs === undefined ? [] : [theirs])].join(' ')
  return parameters.set('application_name', name.slice(0, APPLICATION_NAME_LIMIT))
}

function sendLast({ client, socket }: Entered, text: ErrorText): void {
  client.end(errorResponse({ ...text, severity: 'FATAL' }))
  socket.destroySoon()
}
