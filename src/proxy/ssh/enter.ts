import type { ApprovalId, GrantId, PersonName, SessionId, TargetName } from '../../model/ids.ts'
import type { Principal } from '../../model/principal.ts'
import type { Rights } from '../../model/rights.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { SessionIndex } from '../../model/session-entry.ts'
import type { Target } from '../../model/target.ts'
import type { SessionRecording } from '../../recording/session-recording.ts'
import type { Recorder } from '../../recording/writer.ts'
import type { LiveSession, Registry } from '../../session/registry.ts'
import type { Tallies } from '../../session/tallies.ts'
import type { Clock } from '../../std/clock.ts'
import { asError, CodedError } from '../../std/errors.ts'
import type { ActionGuard } from './desk.ts'
import type { SshEntered } from './entered.ts'
import type { PromptSeat } from './prompt-seat.ts'
import type { Prompt } from './prompt.ts'
import { Lobby } from './lobby.ts'
import { SshSession, type SessionEnd } from './session.ts'
import type { SshTarget } from './target.ts'
import type { Upstream } from './upstream.ts'

/** What a session's guard needs that only the session knows. */
export interface ActionGuardContext {
  readonly session: SessionId
  readonly principal: Principal
  /** The human behind a service account. */
  readonly owner: PersonName | undefined
  readonly target: Target
  readonly source: string
  readonly recording: SessionRecording
  /** Whether the session is still there, asked again when an approval is claimed. */
  readonly alive: () => boolean
  /** The grant by which it came in, and what that is for. */
  readonly grant: GrantId
  readonly rights: Rights
}

export interface EnterDeps {
  readonly targets: ReadonlyMap<string, SshTarget>
  /** The person as of now; undefined where the account is gone. */
  readonly whoIs: (
    person: PersonName,
  ) => Promise<{ readonly principal: Principal; readonly owner: PersonName | undefined } | undefined>
  /** What keeps new logins from a target, as a sentence; undefined while nothing does. */
  readonly stopped: (target: TargetName) => Promise<string | undefined>
  readonly tallies: Pick<Tallies, 'sessionsOpened' | 'sessionsClosed'>
  readonly registry: Registry
  readonly sessions: SessionIndex
  readonly recorder: Recorder
  readonly newSessionId: () => SessionId
  readonly clock: Clock
  /** Opens our own prompt on one channel. */
  readonly prompt: (seat: PromptSeat) => Prompt
  readonly policyVersion: () => string
  readonly scrub: (text: string) => Scrubbed
  readonly idleMs: number
  /** Bytes of a command's output without a terminal that are kept. */
  readonly recordedOutput: number
  /** What ends a program's session instead. */
  readonly serviceIdleMs: number
  readonly guardFor: (context: ActionGuardContext) => ActionGuard
  readonly finishApproval: (
    session: SessionId,
    approval: ApprovalId,
    end: { to: 'done' | 'unknown'; detail: string },
  ) => void
  readonly onError: (error: Error, fields: Readonly<Record<string, string>>) => void
}

/**
 * A session from the moment its person is known: recorded first, then connected, then run. Listens for channels before it returns; what is asked for meanwhile
 * waits. Never rejects.
 */
export async function enter(entered: SshEntered, deps: EnterDeps): Promise<void> {
  const lobby = new Lobby(entered, deps.clock)
  const opened = await open(entered, deps)
  if (!('recording' in opened)) {
    await lobby.turnAway(opened.text)
    return
  }
  const { recording, id } = opened
  let end: SessionEnd = { reason: 'fault', text: 'an internal fault ended the session' }
  try {
    const upstream = await opened.target.connect(lobby.gone, entered.flow)
    end = await runSession({ ...opened, entered, deps, lobby, upstream })
    await lobby.end(end.text)
  } catch (thrown) {
    const error = asError(thrown)
    const text = error instanceof CodedError ? error.clientMessage : 'the target could not be reached'
    if (lobby.fault !== undefined) end = { reason: 'protocol-error', text: lobby.fault }
    else if (lobby.gone.aborted) end = { reason: 'client-left', text: undefined }
    else {
      deps.onError(error, { session: id, target: entered.target })
      end = { reason: 'upstream-left', text }
    }
    await lobby.turnAway(text)
  } finally {
    await close({ deps, id, recording }, end)
  }
}

interface Opened {
  readonly id: SessionId
  readonly recording: SessionRecording
  readonly target: SshTarget
  readonly principal: Principal
  readonly owner: PersonName | undefined
}

async function open(entered: SshEntered, deps: EnterDeps): Promise<Opened | { readonly text: string }> {
  const target = deps.targets.get(entered.target)
  const who = await deps.whoIs(entered.person)
  if (target === undefined || who === undefined) return { text: 'the login is no longer valid' }
  const stopped = await deps.stopped(entered.target)
  if (stopped !== undefined) return { text: stopped }
  if (deps.registry.fullFor(entered.person, entered.source) !== undefined) return { text: 'too many sessions are open' }
  const id = deps.newSessionId()
  let recording: SessionRecording | undefined
  try {
    recording = deps.recorder.open(headerOf({ entered, deps, id, target: target.target, principal: who.principal }))
    deps.tallies.sessionsOpened.count('ssh')
    await deps.sessions.start({ entry: entryOf(entered, id, deps.clock.now()) })
    return { id, recording, target, ...who }
  } catch (thrown) {
    deps.onError(asError(thrown), { session: id })
    const text = 'sessions cannot be recorded at the moment, so none is opened'
    if (recording !== undefined) await close({ deps, id, recording }, { reason: 'fault', text })
    return { text }
  }
}

function entryOf(entered: SshEntered, id: SessionId, startedAt: number): Parameters<SessionIndex['start']>[0]['entry'] {
  const { person, target, grant, credential, clientKey, source: origin } = entered
  return {
    ...{ id, person, target, protocol: 'ssh', grant: grant.id, credential: credential?.id, clientKey },
    ...{ origin, recording: id, startedAt, endedAt: undefined, endReason: undefined },
  }
}

function headerOf(of: {
  entered: SshEntered
  deps: EnterDeps
  id: SessionId
  target: Target
  principal: Principal
}): Parameters<Recorder['open']>[0] {
  const { entered, deps, id, target, principal } = of
  const { person, login, address, cipher, grant, credential, software, clientKey } = entered
  const { roles, service } = principal
  return {
    ...{ session: id, person, roles, service, address },
    account: deps.scrub(login),
    upstreamAccount: target.account,
    tls:
      cipher === undefined
        ? undefined
        : { version: 'SSH-2.0', cipher: `${cipher.cipher} ${cipher.kex}`, clientCertificate: clientKey },
    target: entered.target,
    protocol: 'ssh',
    database: deps.scrub(''),
    tags: target.tags,
    grant: grant.id,
    credential: credential?.id,
    application: software === '' ? undefined : deps.scrub(software),
    policyVersion: deps.policyVersion(),
  }
}

interface Running extends Opened {
  readonly entered: SshEntered
  readonly deps: EnterDeps
  readonly lobby: Lobby
  readonly upstream: Upstream
}

async function runSession(running: Running): Promise<SessionEnd> {
  const { deps, id, lobby } = running
  const session = makeSession(running)
  deps.registry.add(liveSession(running, session))
  lobby.admit(session)
  try {
    return await session.run()
  } finally {
    deps.registry.remove(id)
  }
}

function makeSession(running: Running): SshSession {
  const { entered, deps, id, target, principal, owner, recording, upstream, lobby } = running
  const alive = (): boolean => deps.registry.get(id) !== undefined && !lobby.gone.aborted && !session.isOver
  const { source, grant, person } = entered
  const { scrub, clock, prompt } = deps
  const guard = deps.guardFor({
    ...{ session: id, principal, owner, target: target.target, source, recording, alive },
    ...{ grant: grant.id, rights: grant.rights },
  })
  const session: SshSession = new SshSession({
    ...{ target, person, guard, recording, upstream, scrub, clock, prompt },
    recordedOutput: deps.recordedOutput,
    connection: entered.connection,
    switches: switchesOf(target, entered),
    calls: () => lobby.calls,
    idleMs: principal.service ? deps.serviceIdleMs : deps.idleMs,
    finishApproval: (approval, to, detail) => deps.finishApproval(id, approval, { to, detail }),
    onError: (error) => deps.onError(error, { session: id, target: entered.target }),
  })
  return session
}

const switchesOf = ({ forwards }: SshTarget, { restrictions }: SshEntered): SshTarget['forwards'] =>
  restrictions.forwards ? forwards : { local: false, remote: false }

function liveSession({ entered, deps, id }: Running, port: SshSession): LiveSession {
  const { person, target, grant, credential, source } = entered
  const ids = { id, person, target, grant: grant.id, credential: credential?.id }
  return { ...ids, source, port, grantEndsAt: grant.expiresAt, startedAt: deps.clock.now() }
}

async function close(
  of: { deps: EnterDeps; id: SessionId; recording: SessionRecording },
  end: SessionEnd,
): Promise<void> {
  const { deps, id, recording } = of
  deps.registry.remove(id)
  deps.tallies.sessionsClosed.count(end.reason)
  try {
    await deps.sessions.end({ id, at: deps.clock.now(), reason: end.reason })
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
