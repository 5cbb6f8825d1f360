import type { PersonName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import { ROLES } from '../model/principal.ts'
import type { Role } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import { createQuiet, type Quiet } from '../std/quiet.ts'
import type { Lockout } from './lockout.ts'
import type { LoginOutcome } from './login.ts'
import { noted } from './note.ts'
import { nameFrom } from './oidc-name.ts'
import type { OidcClaims, OidcFlow, OidcKept, OidcProvider, OidcSignIn } from './oidc-provider.ts'
import { principalOf } from './person.ts'
import type { Person } from './person.ts'
import { seal, unseal } from './sealed.ts'
import { MAX_IDLE_MS } from './tokens.ts'
import type { Tokens } from './tokens.ts'

/** The link between a provider's subject and a person here. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly person: PersonName
  /** `OidcKept`, sealed. */
  readonly kept: string
  /** When the provider last confirmed it. */
  readonly checkedAt: number
}

export interface IdentityChange {
  readonly identity: Identity
  readonly roles: readonly Role[]
  /** Of the account's making. */
  readonly added: LedgerNote
  /** Of a change of roles, written only where there is one. */
  readonly changed: LedgerNote
}

/** What `oidc` needs of a store. */
export interface IdentityStore {
  find(input: { issuer: string; subject: string }): Promise<Identity | undefined>
  /** In one transaction: makes the account for a new subject, never over an existing name, or brings the roles of a known one up to date. */
  enter(input: IdentityChange): Promise<Person | 'name-taken' | 'disabled'>
  /** Those who have a live token, credential or session and were last confirmed before `before`. */
  due(input: { before: number; now: number; idleMs: number }): Promise<readonly Identity[]>
  /** Confirmed: new roles, and what to ask with next time. */
  confirm(input: Omit<IdentityChange, 'added'>): Promise<void>
  /** Ends tokens, credentials and so the sessions of the person; the person's grants and the entries of the accounts owned too where `grants`. */
  end(input: { person: PersonName; at: number; grants: boolean; note: LedgerNote }): Promise<boolean>
}

/** `locked`: too many failures of this address or name, at whatever door. */
export type OidcRefusal = 'provider' | 'no-name' | 'no-role' | 'name-taken' | 'disabled' | 'locked'

export interface Oidc {
  /** Where the browser goes, and a sealed text that it brings back. Rejects where the provider cannot be reached. */
  begin(): Promise<{ readonly url: string; readonly flow: string }>
  finish(callback: {
    readonly url: URL
    readonly flow: string
    readonly address: string
  }): Promise<Extract<LoginOutcome, { outcome: 'done' }> | { readonly outcome: 'refused'; readonly why: OidcRefusal }>
  /** Asks the provider again about everybody who is here and was not confirmed lately. Called often; does nothing where nothing is due. */
  recheck(): Promise<void>
}

export interface OidcDeps {
  readonly store: IdentityStore
  readonly provider: OidcProvider
  readonly tokens: Pick<Tokens, 'issue'>
  /** Failures count here as at every other door. */
  readonly lockout: Pick<Lockout, 'reserve' | 'succeeded'>
  readonly clock: Clock
  /** `deriveKey(master, 'oidc')`. */
  readonly key: Uint8Array
  /** Roles by the provider's groups. Who is in none of them has no entry. */
  readonly groups: ReadonlyMap<string, readonly Role[]>
  readonly journal: { append(input: { note: LedgerNote }): Promise<void> }
  /** Somebody's sessions have to end now. */
  readonly onEnded: (person: PersonName) => void
}

const FLOW_MS = 10 * 60_000
/** Asked again a little early, so that every five minutes holds. */
const CHECK_MS = 270_000
/** A provider that is silent for so long confirms nobody any more. */
const SILENCE_MS = 10 * 60_000
/** How many are asked for at once. */
const AT_ONCE = 8

interface OidcParts extends OidcDeps {
  readonly quiet: Quiet
}

/** Sign-in by an organisation's OpenID provider: it says who somebody is and in which groups; this decides what that means here. */
export function createOidc(given: OidcDeps): Oidc {
  const { provider, clock } = given
  const deps: OidcParts = { ...given, quiet: createQuiet({ now: () => clock.now() }) }
  let running: Promise<void> | undefined
  return {
    async begin() {
      const { url, flow } = await provider.begin()
      return { url, flow: sealFlow(deps, flow) }
    },
    async finish({ url, flow, address }) {
      // Counted as failed before anything is looked at; of the name nothing is known yet.
      const until = await deps.lockout.reserve({ source: address })
      if (until !== undefined) return refuse(deps, { why: 'locked', by: '?', address })
      const opened = openFlow(deps, flow)
      const signIn = opened && (await provider.finish(url, opened))
      if (signIn === undefined) return refuse(deps, { why: 'provider', by: '?', address })
      return enter(deps, signIn, address)
    },
    recheck() {
      running ??= recheckAll(deps).finally(() => (running = undefined))
      return running
    },
  }

  async function recheckAll({ store }: OidcDeps): Promise<void> {
    const now = clock.now()
    const due = await store.due({ before: now - CHECK_MS, now, idleMs: MAX_IDLE_MS })
    for (let at = 0; at < due.length; at += AT_ONCE)
      await Promise.all(due.slice(at, at + AT_ONCE).map((identity) => recheckOne(deps, identity)))
  }
}

async function enter(deps: OidcParts, signIn: OidcSignIn, address: string): ReturnType<Oidc['finish']> {
  const { store, clock, tokens } = deps
  const { claims } = signIn
  const known = await store.find(claims)
  const name = known?.person ?? nameFrom(claims.name ?? '')
  if (name === undefined) return refuse(deps, { why: 'no-name', by: '?', address })
  if ((await deps.lockout.reserve({ person: name })) !== undefined)
    return refuse(deps, { why: 'locked', by: name, address })
  const roles = rolesOf(deps, claims)
  if (roles.length === 0) return refuse(deps, { why: 'no-role', by: name, address })
  const change = changeOf(deps, { signIn, person: name, roles, by: name, address })
  const person = await store.enter(change)
  if (typeof person === 'string') return refuse(deps, { why: person, by: name, address })
  const detail = { factors: ['oidc'], issuer: claims.issuer, methods: claims.methods }
  const event = { kind: 'login', at: clock.now(), resource: 'api', detail }
  const issued = await tokens.issue(person.name, noted({ by: person.name, origin: address }, event))
  if (issued === undefined) return refuse(deps, { why: 'disabled', by: name, address })
  await deps.lockout.succeeded({ person: name, source: address })
  return { outcome: 'done', ...issued, principal: principalOf(person) }
}

/** The union of what the person's groups give, in a fixed order. */
function rolesOf({ groups }: OidcDeps, claims: OidcClaims): readonly Role[] {
  const given = new Set(claims.groups.flatMap((group) => groups.get(group) ?? []))
  return ROLES.filter((role) => given.has(role))
}

async function recheckOne(deps: OidcDeps, identity: Identity): Promise<void> {
  const { store, provider, clock } = deps
  const kept = openKept(deps, identity)
  const said = kept === undefined ? ({ kind: 'refused' } as const) : await provider.again(identity.subject, kept)
  if (said.kind === 'unreachable') {
    if (clock.now() - identity.checkedAt >= SILENCE_MS) await end(deps, identity, 'silent')
    return
  }
  if (said.kind === 'refused') return end(deps, identity, 'refused')
  const roles = rolesOf(deps, said.claims)
  if (roles.length === 0) return end(deps, identity, 'no-role')
  await store.confirm(changeOf(deps, { signIn: said, person: identity.person, roles, by: 'system', address: 'oidc' }))
}

/**
 * Why somebody's sessions end, and whether their grants and programs end with them: a refusal may be no more than a token that has run out, and whoever signs in
 * again comes back to what they had. Without a new sign-in a grant opens nothing.
 */
const ENDS = {
  silent: { why: 'the provider does not answer', grants: false },
  refused: { why: 'the provider does not confirm the person any more', grants: false },
  'no-role': { why: 'no group of the person gives a role any more', grants: true },
} as const

async function end(
  { store, clock, onEnded }: OidcDeps,
  { person }: Identity,
  reason: keyof typeof ENDS,
): Promise<void> {
  const at = clock.now()
  const { why, grants } = ENDS[reason]
  const actor = { by: 'system', origin: 'oidc' }
  const note = noted(actor, { kind: 'person.ended', at, resource: `person:${person}`, detail: { why } })
  if (await store.end({ person, at, grants, note })) onEnded(person)
}

interface Entered {
  readonly signIn: OidcSignIn
  readonly person: PersonName
  readonly roles: readonly Role[]
  readonly by: string
  readonly address: string
}

function changeOf(deps: OidcDeps, { signIn, person, roles, by, address }: Entered): IdentityChange {
  const { issuer, subject } = signIn.claims
  const at = deps.clock.now()
  const kept = seal(deps.key, keptLabel({ issuer, subject }), Buffer.from(JSON.stringify(signIn.kept)))
  const event = { at, resource: `person:${person}`, detail: { roles, issuer } }
  const actor = { by, origin: address }
  return {
    identity: { issuer, subject, person, kept, checkedAt: at },
    roles,
    added: noted(actor, { kind: 'person.added', ...event }),
    changed: noted(actor, { kind: 'person.roles', ...event }),
  }
}

async function refuse(
  { journal, clock, quiet }: OidcParts,
  { why, by, address }: { readonly why: OidcRefusal; readonly by: string; readonly address: string },
): Promise<{ readonly outcome: 'refused'; readonly why: OidcRefusal }> {
  // Nothing counts those of who is locked out: whoever goes on must not fill the disk.
  const told = why === 'locked' ? quiet(JSON.stringify([by, address])) : {}
  const detail = { factors: ['oidc'], why, ...told }
  const event = { kind: 'login', at: clock.now(), resource: 'api', outcome: 'refused', detail }
  if (told !== undefined) await journal.append({ note: noted({ by, origin: address }, event) })
  return { outcome: 'refused', why }
}

const keptLabel = ({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): string => `kept\n${issuer}\n${subject}`

function openKept({ key }: OidcDeps, identity: Identity): OidcKept | undefined {
  const plain = unseal(key, keptLabel(identity), identity.kept)
  const fields = plain && fieldsOf(plain)
  return fields?.['access'] === undefined ? undefined : { access: fields['access'], refresh: fields['refresh'] }
}

function sealFlow({ key, clock }: OidcDeps, flow: OidcFlow): string {
  return seal(key, 'flow', Buffer.from(JSON.stringify({ ...flow, until: String(clock.now() + FLOW_MS) })))
}

function openFlow({ key, clock }: OidcDeps, sealed: string): OidcFlow | undefined {
  const plain = unseal(key, 'flow', sealed)
  const { state, nonce, verifier, until } = (plain && fieldsOf(plain)) ?? {}
  if (state === undefined || nonce === undefined || verifier === undefined) return undefined
  return clock.now() < Number(until) ? { state, nonce, verifier } : undefined
}

/** The text members of an object that this file has sealed. */
function fieldsOf(plain: Uint8Array): Readonly<Record<string, string>> {
  const value: unknown = JSON.parse(Buffer.from(plain).toString())
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(members.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
