import type { Certificate } from './certificate.ts'
import type { PublicKey } from './public-key.ts'

/** A CA that we take user certificates of. */
export interface UserAuthority {
  readonly key: PublicKey
  /** Whether it signs only for people who have just shown a second factor. */
  readonly checksFactor: boolean
  /** Ours: what it signed stands in the store as well. */
  readonly own: boolean
}

export type CertificateVerdict =
  | { readonly outcome: 'stands'; readonly authority: UserAuthority }
  /** In words for the ledger; the client is told nothing of it. */
  | { readonly outcome: 'refused'; readonly why: string }

export interface CertificateQuestion {
  readonly authorities: readonly UserAuthority[]
  readonly person: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Clocks of a CA and ours may differ by so much; never at the end of a validity. */
const MAX_SKEW_MS = 30_000
/** A certificate that stands for a second factor is worth no more than a working day with it (PCI DSS 8.4). */
const MAX_FACTOR_MS = 24 * 3_600_000

/** Whether a certificate that is whole and signed lets this person in now. Where the client comes from, and whether its key was removed, is asked elsewhere. */
export function checkCertificate(
  certificate: Certificate,
  { authorities, person, now }: CertificateQuestion,
): CertificateVerdict {
  const authority = authorities.find(({ key }) => key.blob.equals(certificate.authority.blob))
  if (authority === undefined) return refused('signed by a CA that is not known here')
  const { principals, validAfter, validBefore } = certificate
  // No wildcard, and no certificate without names: both would let its holder be anybody.
  if (!principals.includes(person)) return refused('for another name')
  if (validBefore <= validAfter) return refused('valid at no time')
  if (now < validAfter - MAX_SKEW_MS) return refused('not valid yet')
  if (now >= validBefore) return refused('no longer valid')
  if (authority.checksFactor && validBefore - validAfter > MAX_FACTOR_MS)
    return refused('valid for longer than a second factor counts')
  return { outcome: 'stands', authority }
}

const refused = (why: string): CertificateVerdict => ({ outcome: 'refused', why: `a certificate ${why}` })
