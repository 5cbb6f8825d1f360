import type { SessionStanding } from '../access/standings.ts'
import type { SessionId } from '../model/ids.ts'
import type { CloseReason } from '../recording/event.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import type { LiveSession, Registry } from './registry.ts'

export interface GrantClockDeps {
  readonly registry: Registry
  /** Asks the store about all of them at once. */
  readonly standings: (sessions: readonly SessionId[]) => Promise<readonly SessionStanding[]>
  readonly clock: Pick<Clock, 'now' | 'monoMicros' | 'after'>
  /** A store that cannot say whether a grant stands is lost: whoever owns it ends every session then. */
  readonly onError: (error: Error) => void
}

export interface GrantClock {
  /** Looks every second, and at the moment at which a grant ends. */
  start(): void
  stop(): void
  /** Looks now: whatever was committed before the call is in force for every live session when it resolves. */
  check(): Promise<void>
}

/** A revoke reaches a live session within this, even if no change was told. */
const EVERY_MS = 1000
/** The shortest wait before a look at a grant's very end. */
const SHORTEST_MS = 20
/** How long past its end a session may wait for the store to say whether it was renewed. */
const PATIENCE_MS = 1500
/** Time left at which the person is warned, longest first. */
const WARN_AT_MS: readonly number[] = [5 * 60_000, 60_000]

/** What is known of one session's grant. */
interface Watch {
  /** As the store said last, by the wall clock. */
  endsAt: number
  /** The same by the monotonic clock: a wall clock that is set back prolongs nothing. */
  monoEnd: number
  /** How many of the warnings were given. */
  warned: number
}

/** Ends live sessions whose grant, credential or person no longer stands, and tells people of it before. Costs nothing while nobody is connected. */
export function createGrantClock(deps: GrantClockDeps): GrantClock {
  return new Watcher(deps)
}

class Watcher implements GrantClock {
  readonly #deps: GrantClockDeps
  readonly #watches = new Map<SessionId, Watch>()
  #last: Promise<void> = Promise.resolve()
  #queued = false
  #looking = 0
  #stopped = false
  #cancel = (): void => undefined

  constructor(deps: GrantClockDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#cancel()
    if (this.#stopped) return
    this.#cancel = this.#deps.clock.after(this.#untilNext(), () => this.#beat())
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** One look at a time; one that is asked for meanwhile follows it, as the one under way may have asked the store already. */
  check(): Promise<void> {
    if (this.#queued) return this.#last
    this.#queued = true
    const look = (): Promise<void> => {
      this.#queued = false
      return this.#look()
    }
    this.#last = this.#last.then(look, look)
    return this.#last
  }

  /** The next beat does not wait for the look: a store that hangs must not stop the clock. */
  #beat(): void {
    this.#endOverdue()
    this.start()
    if (this.#looking > 0) return
    const again = (): void => this.start()
    // By then it is known when the next grant ends.
    this.check()
      .catch((error: unknown) => this.#deps.onError(asError(error)))
      .finally(again)
  }

  #untilNext(): number {
    let next = EVERY_MS
    for (const watch of this.#watches.values()) next = Math.min(next, Math.max(this.#left(watch), SHORTEST_MS))
    return Math.ceil(next)
  }

  async #look(): Promise<void> {
    const { registry, standings } = this.#deps
    const live = registry.all()
    this.#forget(live)
    if (live.length === 0) return
    this.#looking += 1
    try {
      const found = new Map((await standings(live.map((one) => one.id))).map((one) => [one.session, one]))
      for (const session of live) if (registry.get(session.id) === session) this.#apply(session, found.get(session.id))
    } finally {
      this.#looking -= 1
    }
  }

  #forget(live: readonly LiveSession[]): void {
    if (this.#watches.size === 0) return
    const ids = new Set(live.map((one) => one.id))
    for (const id of this.#watches.keys()) if (!ids.has(id)) this.#watches.delete(id)
  }

  #apply(session: LiveSession, found: SessionStanding | undefined): void {
    const end = found === undefined ? UNKNOWN : endOf(found, session)
    if (end !== undefined) {
      session.port.close(end.reason, end.text)
      return
    }
    const watch = this.#watchOf(session, found?.grantEndsAt ?? session.grantEndsAt)
    if (this.#left(watch) <= 0) this.#expire(session, watch)
    else this.#warn(session, watch)
  }

  /** The session's watch, brought to this end; a new end is told. */
  #watchOf(session: LiveSession, endsAt: number): Watch {
    const known = this.#watches.get(session.id)
    if (known?.endsAt === endsAt) return known
    const watch = { endsAt, monoEnd: this.#mono() + endsAt - this.#deps.clock.now(), warned: 0 }
    this.#watches.set(session.id, watch)
    if ((known?.endsAt ?? session.grantEndsAt) === endsAt) return watch
    // This notice says how long is left: no warning repeats it.
    watch.warned = due(this.#left(watch))
    session.port.say(`your access to ${session.target} now ends at ${moment(endsAt)}`)
    return watch
  }

  #warn({ port, target }: LiveSession, watch: Watch): void {
    const left = this.#left(watch)
    const reached = due(left)
    if (reached <= watch.warned) return
    watch.warned = reached
    port.say(
      `your access to ${target} ends in ${span(left)}, at ${moment(watch.endsAt)}: what runs or waits then is cancelled and this session closed`,
    )
  }

  #expire({ port, target }: LiveSession, watch: Watch): void {
    port.close('grant-ended', expired(target, watch.endsAt))
  }

  /** Without the store: it had its time to tell of a renewal. */
  #endOverdue(): void {
    for (const [id, watch] of this.#watches) {
      const session = this.#deps.registry.get(id)
      if (session !== undefined && this.#left(watch) <= -PATIENCE_MS) this.#expire(session, watch)
    }
  }

  /** Milliseconds until the end by whichever clock is ahead. */
  #left({ endsAt, monoEnd }: Watch): number {
    return Math.min(endsAt - this.#deps.clock.now(), monoEnd - this.#mono())
  }

  #mono(): number {
    return this.#deps.clock.monoMicros() / 1000
  }
}

interface End {
  readonly reason: CloseReason
  readonly text: string
}

const UNKNOWN: End = { reason: 'grant-ended', text: 'the grant of this session is not known any more' }

function endOf({ standing, grantEndsAt }: SessionStanding, { target }: LiveSession): End | undefined {
  switch (standing.kind) {
    case 'live':
      return undefined
    case 'stopped':
      return { reason: 'terminated', text: `${standing.by} stopped ${stopped(standing.scope)}: ${standing.reason}` }
    case 'person-disabled':
      return { reason: 'person-disabled', text: 'the account was disabled' }
    case 'grant-revoked':
      return { reason: 'grant-ended', text: `${standing.by} revoked your access to ${target}` }
    case 'grant-expired':
      return { reason: 'grant-ended', text: expired(target, grantEndsAt) }
    case 'key-removed':
      return { reason: 'grant-ended', text: 'the key of this session was removed' }
    case 'credential-revoked':
      return { reason: 'grant-ended', text: 'the credential of this session was revoked' }
  }
}

const STOPPED = {
  session: 'this session',
  person: 'all your access',
  target: 'all access to this target',
  everything: 'all access to everything',
} as const

const stopped = (scope: keyof typeof STOPPED): string => STOPPED[scope]

const expired = (target: string, at: number): string => `your access to ${target} has ended: it was until ${moment(at)}`

/** How many of the warnings belong to this much time. */
const due = (left: number): number => WARN_AT_MS.filter((at) => left <= at).length

/** E.g. `5 minutes`, `1 minute`, `40 seconds`. */
function span(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 55) return seconds === 1 ? '1 second' : `${seconds} seconds`
  const minutes = Math.round(seconds / 60)
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}

/** E.g. `2026-11-22 14:05:00 UTC`. */
const moment = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19).replace('T', ' ')} UTC`
