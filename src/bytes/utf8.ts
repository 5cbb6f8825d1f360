import { BytesError } from './bytes-error.ts'

// A lenient decoder turns bad bytes into U+FFFD: what is judged would then not be what runs. A byte order mark is kept for the same reason.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of bytes that are UTF-8 without a single fault (no overlong form, no surrogate); BytesError otherwise. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    throw new BytesError('not valid UTF-8')
  }
}

/** UTF-8 bytes of a text; BytesError for a lone surrogate, which has none. */
export function encodeUtf8(text: string): Buffer {
  if (!text.isWellFormed()) throw new BytesError('text with a lone surrogate')
  return Buffer.from(text, 'utf8')
}
