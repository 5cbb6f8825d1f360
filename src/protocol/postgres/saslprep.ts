import { encodeUtf8 } from '../../bytes/utf8.ts'

const ASCII = /^[\x20-\x7e]*$/
/** RFC 3454 table C.1.2: spaces that become an ordinary one. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu
/** RFC 3454 table B.1: commonly mapped to nothing. */
const NOTHING = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/gu
/** RFC 4013 section 2.3 as far as categories tell: controls, private use, non-characters, tags, line separators and invisible marks. */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u0340\u0341\u06dd\u070f\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u

/**
 * Bytes of a password as SCRAM hashes them (RFC 4013). A password that the profile prohibits is taken as it is, as PostgreSQL does. Our own credentials are
 * ASCII and untouched; of bidirectional and unassigned characters nothing is checked.
 */
export function saslprep(password: string): Buffer {
  if (ASCII.test(password)) return Buffer.from(password, 'latin1')
  const prepared = password.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC')
  return encodeUtf8(prepared === '' || PROHIBITED.test(prepared) ? password : prepared)
}
