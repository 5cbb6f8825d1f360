import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { readWord } from './fields.ts'
import { MESSAGE } from './first-exchange.ts'

/** The ciphers that one side has, best first. */
export interface Proposal {
  readonly toServer: readonly string[]
  readonly toClient: readonly string[]
}

const COOKIE = 16

/** What a KEXINIT (RFC 4253, 7.1) says of ciphers; BytesError on every other packet. */
export function readProposal(payload: Buffer): Proposal {
  const cursor = new Cursor(payload)
  if (cursor.u8() !== MESSAGE.kexInit) throw new BytesError('no KEXINIT')
  cursor.take(COOKIE)
  // Key exchanges and host keys.
  readWord(cursor)
  readWord(cursor)
  const [toServer, toClient] = [readWord(cursor), readWord(cursor)].map((list) => list.split(','))
  return { toServer: toServer ?? [], toClient: toClient ?? [] }
}
