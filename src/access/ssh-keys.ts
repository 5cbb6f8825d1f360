import type { PersonName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { noted, type Scrub } from './note.ts'

/** A public key by which a person may log in, with a one-time code beside it. */
export interface SshKey {
  /** `k_` and 12 characters. */
  readonly id: string
  readonly person: PersonName
  /** `type base64`. */
  readonly line: string
  /** `SHA256:…`. */
  readonly fingerprint: string
  /** The owner's word for it. */
  readonly name: string
  readonly createdAt: number
  readonly usedAt: number | undefined
}

/** Whose a key is, or was: one that was removed is never anybody's again. */
export interface KeyOwner {
  readonly person: PersonName
  readonly removed: boolean
}

/** What `ssh-keys` needs of a store. */
export interface SshKeyStore {
  /** In one transaction: the person is a live human account, nobody has or had the key, and fewer than `limit` are kept. */
  add(input: {
    key: SshKey
    limit: number
    note: LedgerNote
  }): Promise<'added' | 'taken' | 'removed' | 'refused' | 'too-many'>
  /** Of a person or of everybody, without those that were removed, oldest first. */
  list(input: { person: PersonName | undefined }): Promise<readonly SshKey[]>
  owner(input: { fingerprint: string }): Promise<KeyOwner | undefined>
  touch(input: { fingerprint: string; at: number }): Promise<void>
  /** Only of `person` where one is given. */
  remove(input: { id: string; person: PersonName | undefined; at: number; note: LedgerNote }): Promise<boolean>
}

/** A line of a .pub file, understood; or why it is not taken, as a sentence. */
export type ReadKey = (
  text: string,
) => { readonly line: string; readonly fingerprint: string; readonly comment: string } | { readonly fault: string }

export type AddKeyOutcome =
  | { readonly outcome: 'added'; readonly key: SshKey }
  | { readonly outcome: 'refused'; readonly why: 'not-valid'; readonly fault: string }
  | { readonly outcome: 'refused'; readonly why: 'taken' | 'removed' | 'too-many' }

export interface SshKeys {
  /** Why a text is no key that is taken; undefined for one that is. Asks nobody: whether it is free is seen when it is added. */
  faultOf(text: string): string | undefined
  /** `name` is the key's own comment where none is given. */
  add(wanted: { person: PersonName; text: string; name: string | undefined }, actor: Actor): Promise<AddKeyOutcome>
  listOf(person: PersonName): Promise<readonly SshKey[]>
  all(): Promise<readonly SshKey[]>
  ownerOf(fingerprint: string): Promise<KeyOwner | undefined>
  /** Notes that somebody came in with it. */
  used(fingerprint: string): Promise<void>
  /** With `person`, only a key of theirs. Sessions that it opened end. */
  remove(id: string, actor: Actor, person?: PersonName): Promise<boolean>
}

export interface SshKeyDeps {
  readonly store: SshKeyStore
  readonly clock: Clock
  readonly read: ReadKey
  /** 12 fresh characters behind `k_`. */
  readonly newId: () => string
  readonly scrub: Scrub
}

const MAX_KEYS = 20
const MAX_NAME = 60

/** People's SSH keys. A key is one person's, for good: who could have had it before is nobody's guess. */
export function createSshKeys(deps: SshKeyDeps): SshKeys {
  const { store, clock, read } = deps
  return {
    faultOf(text) {
      const found = read(text)
      return 'fault' in found ? found.fault : undefined
    },
    add: (wanted, actor) => add(deps, wanted, actor),
    listOf: (person) => store.list({ person }),
    all: () => store.list({ person: undefined }),
    ownerOf: (fingerprint) => store.owner({ fingerprint }),
    used: (fingerprint) => store.touch({ fingerprint, at: clock.now() }),
    remove(id, actor, person) {
      const at = clock.now()
      return store.remove({ id, person, at, note: noted(actor, { kind: 'key.removed', at, resource: `key:${id}` }) })
    },
  }
}

async function add(
  { store, clock, read, newId, scrub }: SshKeyDeps,
  { person, text, name }: { readonly person: PersonName; readonly text: string; readonly name: string | undefined },
  actor: Actor,
): Promise<AddKeyOutcome> {
  const found = read(text)
  if ('fault' in found) return { outcome: 'refused', why: 'not-valid', fault: found.fault }
  const { line, fingerprint, comment } = found
  const shown = scrub((name ?? comment).slice(0, MAX_NAME).trim()) || 'key'
  const at = clock.now()
  const key: SshKey = { id: newId(), person, line, fingerprint, name: shown, createdAt: at, usedAt: undefined }
  const detail = { key: key.id, fingerprint, name: shown }
  const note = noted(actor, { kind: 'key.added', at, resource: `person:${person}`, detail })
  const added = await store.add({ key, limit: MAX_KEYS, note })
  if (added === 'added') return { outcome: 'added', key }
  if (added === 'refused') return { outcome: 'refused', why: 'not-valid', fault: 'only a person has keys' }
  return { outcome: 'refused', why: added }
}
