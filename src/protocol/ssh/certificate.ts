import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { decodeUtf8 } from '../../bytes/utf8.ts'
import { readBytes, readWord } from './fields.ts'
import { isFault, isKeyType, readKeyFields, readPublicKey, type KeyFault, type PublicKey } from './public-key.ts'
import { signatureFits } from './signature.ts'

/** A certificate (OpenSSH's PROTOCOL.certkeys) whose CA has really signed it; whether that CA, its dates and its names count is another question. */
export interface Certificate {
  /** Whose private key its holder has. */
  readonly key: PublicKey
  readonly serial: bigint
  /** Untrusted text, printable ASCII. */
  readonly keyId: string
  readonly principals: readonly string[]
  /** Milliseconds since 1970; `validBefore` is Infinity where the certificate says "for ever". */
  readonly validAfter: number
  readonly validBefore: number
  readonly forceCommand: string | undefined
  /** Addresses and networks, comma separated, one of which the client must come from. */
  readonly sourceAddress: string | undefined
  readonly extensions: ReadonlySet<string>
  readonly authority: PublicKey
}

const SUFFIX = '-cert-v01@openssh.com'
/** Numbers of the two kinds of certificates. */
const KINDS = { user: 1, host: 2 } as const
type Kind = keyof typeof KINDS
const FOR_EVER = 0xffff_ffff_ffff_ffffn
const MAX_CERTIFICATE = 16_384
const MAX_PRINCIPALS = 64

/** Whether a name of an algorithm is one of user certificates that may be taken: none signs with SHA-1. */
export const isCertificateAlgorithm = (algorithm: string): boolean =>
  CERTIFICATE_TYPES.has(algorithm) || RSA_SIGNATURES.has(algorithm)

const CERTIFICATE_TYPES: ReadonlySet<string> = new Set([
  `ssh-ed25519${SUFFIX}`,
  `ecdsa-sha2-nistp256${SUFFIX}`,
  `ecdsa-sha2-nistp384${SUFFIX}`,
  `ecdsa-sha2-nistp521${SUFFIX}`,
])
const RSA_SIGNATURES: ReadonlySet<string> = new Set([`rsa-sha2-256${SUFFIX}`, `rsa-sha2-512${SUFFIX}`])

/** Reads a certificate and checks that it is whole, of a user, signed by the key that it names, and that every critical option is one we know. */
export const readCertificate = (blob: Uint8Array): Certificate | KeyFault => read(blob, 'user')

/** The same for a certificate of a host, which has no critical options. */
export const readHostCertificate = (blob: Uint8Array): Certificate | KeyFault => read(blob, 'host')

function read(blob: Uint8Array, kind: Kind): Certificate | KeyFault {
  if (blob.length > MAX_CERTIFICATE) return { fault: 'longer than any certificate' }
  try {
    return parsed(blob, kind)
  } catch (error) {
    if (error instanceof BytesError) return { fault: `damaged: ${error.message}` }
    throw error
  }
}

function parsed(blob: Uint8Array, wanted: Kind): Certificate | KeyFault {
  const cursor = new Cursor(blob)
  const name = readWord(cursor)
  const type = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : ''
  if (!isKeyType(type)) return { fault: 'a kind of certificate that is not known' }
  // The nonce only keeps the CA from signing a text that somebody else has chosen whole.
  readBytes(cursor)
  const key = readKeyFields(cursor, type)
  if (isFault(key)) return key
  const [serial, kind] = [cursor.i64(), cursor.u32()]
  if (kind !== KINDS[wanted]) return { fault: `no certificate of a ${wanted}` }
  const [keyId, principals] = [readWord(cursor), wordsOf(readBytes(cursor))]
  const [from, before] = [cursor.i64(), cursor.i64()]
  const critical = optionsOf(readBytes(cursor))
  const extensions = optionsOf(readBytes(cursor))
  // Reserved; OpenSSH ignores it as well.
  readBytes(cursor)
  const authority = readPublicKey(readBytes(cursor))
  if (isFault(authority)) return { fault: `signed by a key that is not taken: ${authority.fault}` }
  const signed = Buffer.from(blob).subarray(0, blob.length - cursor.remaining)
  const signature = readBytes(cursor)
  cursor.done()
  if (!signatureFits(authority, signature, signed)) return { fault: 'not signed by the key that it names' }
  const options = criticalOf(critical, wanted)
  if (isFault(options)) return options
  return {
    ...{ key, serial: BigInt.asUintN(64, serial), keyId, principals, authority, ...options },
    ...{ validAfter: millisOf(from), validBefore: millisOf(before), extensions: new Set(extensions.keys()) },
  }
}

interface Critical {
  readonly forceCommand: string | undefined
  readonly sourceAddress: string | undefined
}

/** An option that is critical and not understood makes the certificate void: that is what critical means. */
function criticalOf(options: ReadonlyMap<string, Buffer>, kind: Kind): Critical | KeyFault {
  const known = kind === 'user' ? ['force-command', 'source-address'] : []
  const unknown = [...options.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) return { fault: `the critical option ${unknown} is not known` }
  const [command, source] = [options.get('force-command'), options.get('source-address')]
  return { forceCommand: command && onlyString(command), sourceAddress: source && onlyWord(source) }
}

/** Names with values, in the order of their names, none twice. */
function optionsOf(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const cursor = new Cursor(bytes)
  const found = new Map<string, Buffer>()
  let last = ''
  while (cursor.remaining > 0) {
    const name = readWord(cursor)
    if (name <= last) throw new BytesError('options out of order')
    found.set(name, readBytes(cursor))
    last = name
  }
  return found
}

function wordsOf(bytes: Buffer): readonly string[] {
  const cursor = new Cursor(bytes)
  const words: string[] = []
  while (cursor.remaining > 0) {
    if (words.length === MAX_PRINCIPALS) throw new BytesError('more names than are taken')
    words.push(readWord(cursor))
  }
  return words
}

/** The value of an option is a string within the string. A command is strict UTF-8 without NUL. */
function onlyString(bytes: Buffer): string {
  const cursor = new Cursor(bytes)
  const inner = readBytes(cursor)
  cursor.done()
  if (inner.includes(0)) throw new BytesError('a command with a NUL inside')
  return decodeUtf8(inner)
}

function onlyWord(bytes: Buffer): string {
  const cursor = new Cursor(bytes)
  const word = readWord(cursor)
  cursor.done()
  return word
}

function millisOf(seconds: bigint): number {
  const unsigned = BigInt.asUintN(64, seconds)
  return unsigned === FOR_EVER ? Infinity : Number(unsigned) * 1000
}
