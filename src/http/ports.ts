import type { CodeOffers } from '../access/code-offer.ts'
import type { Credentials } from '../access/credentials.ts'
import type { Factors } from '../access/factors.ts'
import type { Grants } from '../access/grants.ts'
import type { Invites } from '../access/invites.ts'
import type { Login } from '../access/login.ts'
import type { Oidc } from '../access/oidc.ts'
import type { Passkeys } from '../access/passkeys.ts'
import type { People } from '../access/people.ts'
import type { Requests } from '../access/requests.ts'
import type { SshCertificates } from '../access/ssh-certificates.ts'
import type { SshKeys } from '../access/ssh-keys.ts'
import type { Stops } from '../access/stops.ts'
import type { TwoPerson } from '../access/two-person.ts'
import type { Welcome } from '../access/welcome.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { Reviews } from '../approvals/reviews.ts'
import type { Script } from '../approvals/script.ts'
import type { Scripts } from '../approvals/scripts.ts'
import type { EvidenceDesk } from '../evidence/desk.ts'
import type { PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { Actor } from '../model/ledger.ts'
import type { DeliveryShown } from '../model/outbox.ts'
import type { Principal } from '../model/principal.ts'
import type { PolicySet } from '../policy/decide.ts'
import type { Trial } from '../policy/trial.ts'
import type { ShownStatement } from '../session/hold-desk.ts'
import type { ScriptContent } from '../session/script-content.ts'
import type { Change, Submission, SubmitOutcome } from '../session/script-desk.ts'
import type { Protocol, Target } from '../model/target.ts'

/** All times are milliseconds since 1970 by the server's clock. */
export type Millis = number

/** Who someone is, and that they are still here. Lockout and one-time use of codes live behind it. */
export type LoginPort = Pick<
  Login,
  'login' | 'loginWithPasskey' | 'changePassword' | 'personOf' | 'isRecent' | 'verifyFactor' | 'logout'
>
/** WebAuthn credentials of people who are signed in, and the challenges of those who are not yet. */
export type PasskeysPort = Pick<
  Passkeys,
  | 'available'
  | 'registrationOptions'
  | 'register'
  | 'loginOptions'
  | 'assertionOptions'
  | 'listOf'
  | 'rename'
  | 'remove'
>
/** The one-time codes of people who are signed in. */
export type FactorsPort = Pick<Factors, 'isEnrolled' | 'enrolTaken'>
export type OffersPort = CodeOffers
/** Changes of somebody's authority. Every rule that http checks early is checked there again, atomically. */
export type TwoPersonPort = Pick<TwoPerson, 'propose' | 'atOnce' | 'list' | 'find' | 'settle'>
export type InvitesPort = Pick<Invites, 'invite' | 'reenrol' | 'look'>
export type WelcomePort = Welcome
/** An organisation's sign-in. */
export type OidcPort = Pick<Oidc, 'begin' | 'finish'>
export type PeoplePort = Pick<People, 'list' | 'disable'>
export type GrantsPort = Pick<Grants, 'liveOf' | 'list' | 'find' | 'revoke'>
/** The one place where access is asked for and decided. Every rule that http checks early is checked there again, atomically. */
export type RequestsPort = Pick<Requests, 'ask' | 'decide' | 'withdraw' | 'find' | 'list' | 'subscribe'>
export type CredentialsPort = Pick<Credentials, 'mint' | 'liveOf' | 'revoke'>

/** People's SSH keys and certificates. */
export interface SshPort {
  readonly keys: Pick<SshKeys, 'faultOf' | 'add' | 'listOf' | 'remove'>
  readonly certificates: Pick<SshCertificates, 'issue'>
  /** Where clients reach the SSH listener and the public keys that it shows; undefined where there is none. */
  readonly door: () => { readonly host: string; readonly port: number; readonly keys: readonly string[] } | undefined
}

/** The kill switch: an order is in force when it resolves. */
export type StopsPort = Pick<Stops, 'order' | 'resume' | 'standing'>

export interface DeliveriesPort {
  /** What went out about one subject (`approval:a_…`, `request:r_…`), waits, failed or was left out; oldest first. */
  of(subject: string): Promise<readonly DeliveryShown[]>
}

export interface TargetsPort {
  /** Every configured target. */
  all(): readonly Target[]
  /** Those that access rules leave this person a way to. */
  askable(principal: Principal): readonly Target[]
}

/** The held frame as it stands in the session's memory; never stored. */
export type ShownHold = ShownStatement

/** The one state machine. Every rule that http checks early is checked there again, atomically. */
export type ApprovalsPort = Pick<
  Approvals<ShownHold>,
  'list' | 'get' | 'shown' | 'decide' | 'favour' | 'lapsed' | 'breakGlass' | 'withdraw' | 'subscribe'
>
export type ReviewsPort = Pick<Reviews, 'list' | 'find' | 'sign' | 'subscribe'>

/** Scripts ahead of time. Every rule that http checks early is checked there again, atomically. */
export interface ScriptsPort extends Pick<Scripts, 'list' | 'find' | 'decide' | 'withdraw' | 'revoke' | 'subscribe'> {
  /** Reads a text as the target's grammar and packs have it and asks for it, or says why not. */
  submit(
    submission: Omit<Submission, 'database'> & { readonly target: TargetName },
  ): Promise<SubmitOutcome | { readonly outcome: 'no-target' }>
  content(script: Script): ScriptContent
  /** What is not as it was when it was submitted. */
  changedSince(script: Script): Promise<Change | undefined>
  /** Longest text, in bytes. */
  readonly maxBytes: number
}

export interface SessionRecord {
  readonly id: SessionId
  readonly person: PersonName
  readonly target: TargetName
  readonly protocol: Protocol
  readonly address: string
  readonly state: 'open' | 'closed'
  readonly startedAt: Millis
  readonly endedAt: Millis | undefined
  readonly statements: number
}

export interface SessionsPort {
  list(filter: SessionFilter): Promise<readonly SessionRecord[]>
  find(id: SessionId): Promise<SessionRecord | undefined>
  /** Recorded with who and why; 'closed' where it had already ended. */
  terminate(order: {
    readonly id: SessionId
    readonly by: PersonName
    /** Source address, for the ledger. */
    readonly origin: string
    readonly reason: string
  }): Promise<'terminated' | 'closed'>
  /** Told of every session that began or ended. The returned function ends it. */
  subscribe(listener: (session: SessionRecord) => void): () => void
}

export interface SessionFilter {
  readonly person: PersonName | undefined
  readonly target: TargetName | undefined
  readonly state: 'open' | 'closed' | undefined
  /** Open at some time from this moment on, milliseconds. */
  readonly from?: Millis | undefined
  /** Begun before this moment. */
  readonly to?: Millis | undefined
  /** The last session of the page before. */
  readonly after?: SessionId | undefined
  readonly limit: number
}

/** A line of events.ndjson. Its payload is JSON that the recorder wrote. */
export type RecordedEvent = Readonly<Record<string, unknown>>

/** Questions about what was recorded. Every method writes into the ledger who asked what before it answers. */
export type EvidencePort = EvidenceDesk

/** A recording that somebody follows while its session lives. */
export interface Watch {
  /** Lines written since the call before, in order; the first call gives the last ones of what was there. */
  next(): Promise<readonly RecordedEvent[]>
  close(): Promise<void>
}

export interface WatchPort {
  /** Writes into the ledger who watches, then follows the recording; undefined where there is none. */
  begin(watch: {
    readonly session: SessionId
    readonly by: PersonName
    readonly origin: string
  }): Promise<Watch | undefined>
}

export interface PoliciesPort {
  /** The packs in force. */
  current(): PolicySet
  /** What they make of a statement against a target's catalog of now. Nothing is run. */
  judge(question: {
    readonly target: TargetName
    readonly principal: Principal
    readonly sql: string
    /** Who wants to know; the ledger keeps it, with what was tried. */
    readonly asker: Actor
  }): Promise<Trial | 'no-target' | 'no-catalog'>
}

export interface HealthPort {
  /** Each part that must work before anything may run. `detail` is ours, never text from outside. */
  checks(): Promise<readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]>
}

/** One Prometheus sample. Label values are fixed words of ours: no names, no text from outside (rule D18). */
export interface Sample {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** What runs here, for the page that says how it is. */
export interface AboutPort {
  describe(): {
    readonly version: string
    readonly startedAt: Millis
    /** The hash of all packs in force. */
    readonly policyVersion: string
    readonly packs: readonly {
      readonly name: string
      readonly file: string
      /** Of statements and of access. */
      readonly rules: number
      readonly masks: number
    }[]
    readonly channels: readonly { readonly name: string; readonly kind: string }[]
  }
}

export interface MetricsPort {
  samples(): readonly Sample[]
}
