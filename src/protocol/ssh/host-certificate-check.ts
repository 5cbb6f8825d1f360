import type { Certificate } from './certificate.ts'

export interface HostQuestion {
  /** Keys of the CAs that sign for hosts, as keys go over the wire. */
  readonly cas: readonly Buffer[]
  /** Name or address of the host as it is dialled. */
  readonly host: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Clocks of a CA and ours may differ by so much at the start of a validity; never at its end. */
const MAX_SKEW_MS = 30_000

/** Why a host certificate that is whole and signed does not stand for this host now; undefined where it does. A name with wildcards stands for none. */
export function hostCertificateFault(certificate: Certificate, { cas, host, now }: HostQuestion): string | undefined {
  const { authority, principals, validAfter, validBefore } = certificate
  if (!cas.some((ca) => ca.equals(authority.blob))) return 'its certificate is signed by a CA that is not configured'
  if (!principals.includes(host.toLowerCase())) return 'its certificate is for another host'
  if (validBefore <= validAfter || now < validAfter - MAX_SKEW_MS) return 'its certificate is not valid yet'
  return now >= validBefore ? 'its certificate is no longer valid' : undefined
}
