import type { CredentialId, GrantId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { CloseReason } from '../recording/event.ts'

/** What a running session offers to those who know no protocol: grants, the API, the idle timer. */
export interface SessionPort {
  /** Tells the person something between two answers, where the protocol can. */
  say(text: string): void
  /** Cancels what runs at the upstream and withdraws what waits. */
  cancelRunning(): void
  /** Statements so far. */
  statements(): number
  /** Ends the session; what waits becomes void. */
  close(reason: CloseReason, text: string): void
}

/** One live session as the node knows it. */
export interface LiveSession {
  readonly id: SessionId
  readonly person: PersonName
  readonly target: TargetName
  readonly grant: GrantId
  /** Undefined where a key or a certificate let the person in: then the grant alone bounds it. */
  readonly credential: CredentialId | undefined
  /** Milliseconds since 1970. */
  readonly grantEndsAt: number
  /** The client's address, without port. */
  readonly source: string
  readonly startedAt: number
  readonly port: SessionPort
}

export interface RegistryLimits {
  readonly total: number
  readonly perPerson: number
  readonly perSource: number
}

/** Every live session of this node. */
export class Registry {
  readonly #live = new Map<SessionId, LiveSession>()
  readonly #listeners = new Set<(id: SessionId) => void>()
  readonly #limits: RegistryLimits

  constructor(limits: RegistryLimits) {
    this.#limits = limits
  }

  /** The limit that one more session of this person from this address would break; undefined if there is room. */
  fullFor(person: PersonName, source: string): keyof RegistryLimits | undefined {
    const live = [...this.#live.values()]
    if (live.length >= this.#limits.total) return 'total'
    if (live.filter((session) => session.person === person).length >= this.#limits.perPerson) return 'perPerson'
    return live.filter((session) => session.source === source).length >= this.#limits.perSource
      ? 'perSource'
      : undefined
  }

  add(session: LiveSession): void {
    this.#live.set(session.id, session)
    this.#tell(session.id)
  }

  remove(id: SessionId): void {
    if (this.#live.delete(id)) this.#tell(id)
  }

  /** Told of every session that began or ended; the returned function ends it. */
  subscribe(listener: (id: SessionId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get size(): number {
    return this.#live.size
  }

  get(id: SessionId): LiveSession | undefined {
    return this.#live.get(id)
  }

  all(): readonly LiveSession[] {
    return [...this.#live.values()]
  }

  /** Ends every session that `ended` gives a reason for. */
  closeAll(ended: (session: LiveSession) => { readonly reason: CloseReason; readonly text: string } | undefined): void {
    for (const session of this.all()) {
      const end = ended(session)
      if (end !== undefined) session.port.close(end.reason, end.text)
    }
  }

  #tell(id: SessionId): void {
    for (const listener of this.#listeners) listener(id)
  }
}
