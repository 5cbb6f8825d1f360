import type { PersonName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { noted } from './note.ts'
import type { ReadKey } from './ssh-keys.ts'

/** A certificate of ours, without its bytes. */
export interface IssuedCertificate {
  readonly serial: number
  readonly person: PersonName
  /** Of the key that it certifies. */
  readonly fingerprint: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What `ssh-certificates` needs of a store. */
export interface SshCertificateStore {
  /** `taken`: the person is no live human account, or the key is somebody else's or was removed. `stopped`: the kill switch keeps the person out of everything. */
  add(input: { certificate: IssuedCertificate; note: LedgerNote }): Promise<'added' | 'taken' | 'stopped'>
  /**
   * Whether it was issued so, and nothing has happened to its person since that takes back what was proved then: the account disabled, access stopped by order,
   * the factors reset, the key removed.
   */
  stands(input: { serial: number; person: PersonName; fingerprint: string; now: number }): Promise<boolean>
}

export type IssueOutcome =
  | {
      readonly outcome: 'issued'
      readonly certificate: IssuedCertificate
      /** `type base64`, as it stands in a -cert.pub file. */
      readonly line: string
    }
  | { readonly outcome: 'refused'; readonly why: 'not-valid'; readonly fault: string }
  | { readonly outcome: 'refused'; readonly why: 'taken' | 'stopped' }

export interface SshCertificates {
  /** For a person who has just shown all factors. `ttlMs` is cut to eight hours. */
  issue(wanted: { person: PersonName; key: string; ttlMs: number }, actor: Actor): Promise<IssueOutcome>
  stands(shown: { serial: bigint; person: PersonName; fingerprint: string }): Promise<boolean>
}

export interface SshCertificateDeps {
  readonly store: SshCertificateStore
  readonly clock: Clock
  readonly read: ReadKey
  /** A fresh random number below 2^48. */
  readonly newSerial: () => number
  /** Signs, and gives the line of a -cert.pub file. */
  readonly sign: (certificate: IssuedCertificate, keyLine: string) => string
}

/** A working day: longer, and the second factor behind it is stale (PCI DSS 8.4). */
const MAX_TTL_MS = 8 * 3_600_000

/** User certificates under our own CA, each standing for the factors that its person showed when it was issued. */
export function createSshCertificates({ store, clock, read, newSerial, sign }: SshCertificateDeps): SshCertificates {
  return {
    async issue({ person, key, ttlMs }, actor) {
      const found = read(key)
      if ('fault' in found) return { outcome: 'refused', why: 'not-valid', fault: found.fault }
      const at = clock.now()
      const [serial, expiresAt] = [newSerial(), at + Math.min(Math.max(ttlMs, 0), MAX_TTL_MS)]
      const certificate = { serial, person, fingerprint: found.fingerprint, issuedAt: at, expiresAt }
      const detail = { id: keyIdOf(certificate), serial, fingerprint: found.fingerprint, until: expiresAt }
      const note = noted(actor, { kind: 'ssh-certificate.issued', at, resource: `person:${person}`, detail })
      const added = await store.add({ certificate, note })
      if (added !== 'added') return { outcome: 'refused', why: added }
      return { outcome: 'issued', certificate, line: sign(certificate, found.line) }
    },
    async stands({ serial, person, fingerprint }) {
      if (serial > BigInt(Number.MAX_SAFE_INTEGER)) return false
      return store.stands({ serial: Number(serial), person, fingerprint, now: clock.now() })
    },
  }
}

/** What the certificate says it is, and the ledger with it. */
export const keyIdOf = ({ person, serial }: Pick<IssuedCertificate, 'person' | 'serial'>): string =>
  `${person}/${serial}`
