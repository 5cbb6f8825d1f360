import { createHash } from 'node:crypto'
import { encodeUtf8 } from '../../bytes/utf8.ts'
import { Secret } from '../../std/secret.ts'

/** What answers AuthenticationMD5Password, towards upstreams that know no better. Manual: "Message Flow", "Start-up". */
export function md5Password({ user, password, salt }: { user: string; password: Secret; salt: Buffer }): Secret {
  const stored = md5(encodeUtf8(password.reveal()), encodeUtf8(user))
  return new Secret(`md5${md5(Buffer.from(stored, 'latin1'), salt)}`)
}

const md5 = (first: Buffer, second: Buffer): string => createHash('md5').update(first).update(second).digest('hex')
