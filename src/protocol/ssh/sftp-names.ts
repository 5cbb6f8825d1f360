import { Cursor } from '../../bytes/cursor.ts'
import { readAttributes } from './sftp-attributes.ts'
import { readingSftp, SftpError } from './sftp-error.ts'
import type { SftpPacket } from './sftp-framing.ts'
import { REPLY } from './sftp-numbers.ts'
import { readBytes } from './fields.ts'

/** Length, kind and id of a reply. */
const HEADER = 9
const [SLASH, QUESTION] = [0x2f, 0x3f]

/**
 * Reads the names of a folder to their end. A name there is one part of a path: clients that copy a tree put it behind a folder of their own, and with a slash in it a target would
 * choose where on the client's machine it writes. The long form is for people's eyes; what a terminal would act on is taken out of it, in place.
 */
export function checkListing({ type, bytes }: SftpPacket): void {
  if (type !== REPLY.name) return
  readingSftp('a listing', () => {
    const cursor = new Cursor(bytes, HEADER)
    for (let left = cursor.u32(); left > 0; left -= 1) {
      const name = readBytes(cursor)
      if (name.length === 0 || name.includes(SLASH) || name.includes(0))
        throw new SftpError('a listing with a name that is none')
      quieten(readBytes(cursor))
      readAttributes(cursor)
    }
    cursor.done()
  })
}

function quieten(text: Buffer): void {
  for (const [at, byte] of text.entries()) if (byte < 0x20 || byte === 0x7f) text[at] = QUESTION
}

/** The words of a STATUS, for whoever reads them; undefined where there are none. */
export function wordsOf({ type, bytes }: SftpPacket): { readonly code: number; readonly message: string } | undefined {
  // Servers of the first drafts leave the words out.
  if (type !== REPLY.status || bytes.length < HEADER + 8) return undefined
  return readingSftp('a status', () => {
    const cursor = new Cursor(bytes, HEADER)
    return { code: cursor.u32(), message: readBytes(cursor).toString('utf8') }
  })
}
