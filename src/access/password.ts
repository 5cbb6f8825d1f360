import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** Cost of new verifiers: N = 2^15, r = 8, p = 1 takes 32 MiB and some tens of milliseconds. Kept in each verifier, so it may rise. */
const COST = { n: 2 ** 15, r: 8, p: 1 }
const HASH_BYTES = 32
const MIN_LENGTH = 12
/** Longer input would only cost us time. */
const MAX_LENGTH = 256

/** Why a password is not taken, or undefined. PCI DSS 8.3.6: twelve characters, letters and digits. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < MIN_LENGTH) return `a password has at least ${MIN_LENGTH} characters`
  if (password.length > MAX_LENGTH) return `a password has at most ${MAX_LENGTH} characters`
  if (!/\p{L}/u.test(password) || !/\p{Nd}/u.test(password)) return 'a password has letters and digits'
  return undefined
}

/** A verifier for a new password: `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function passwordVerifier(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, { salt, ...COST })
  return ['scrypt', COST.n, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** A verifier that no password meets, at the full price: what unknown names are checked against. */
export const decoyVerifier = (): string =>
  ['scrypt', COST.n, COST.r, COST.p, randomToken(16), randomToken(HASH_BYTES)].join('$')

/** Whether `password` made `verifier`; a verifier that does not read is never met. */
export async function passwordMatches(password: string, verifier: string): Promise<boolean> {
  const [algorithm, n, r, p, salt, hash] = verifier.split('$')
  if (algorithm !== 'scrypt' || salt === undefined || hash === undefined) return false
  const expected = Buffer.from(hash, 'base64url')
  if (expected.length !== HASH_BYTES) return false
  const cost = { n: Number(n), r: Number(r), p: Number(p) }
  const actual = await derive(password.slice(0, MAX_LENGTH + 1), { salt: Buffer.from(salt, 'base64url'), ...cost })
  return timingSafeEqual(actual, expected)
}

const randomToken = (bytes: number): string => randomBytes(bytes).toString('base64url')

interface Derivation {
  readonly salt: Buffer
  readonly n: number
  readonly r: number
  readonly p: number
}

function derive(password: string, { salt, n, r, p }: Derivation): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 256 * n * r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
