import type { CastRequest } from './cast.ts'

/** What one line of a cast file tells: output, another size, a mark; `b` holds, in base64, the bytes of an output that were no UTF-8. */
export type CastCode = 'o' | 'r' | 'm' | 'b'

/**
 * First line of a cast file. `startedAt` is RFC 3339; it stands there in full because the format's own `timestamp` knows seconds alone, and `terminal` because output without
 * one has line ends that a terminal would take for half of one. Players pass over both.
 */
export function castHeader({ columns, rows, command, terminal }: CastRequest, startedAt: string): string {
  const timestamp = Math.floor(Date.parse(startedAt) / 1000)
  return `${inertJson({ version: 2, width: columns, height: rows, timestamp, command, startedAt, terminal })}\n`
}

/** One event; `micros` since the beginning of the file. */
export const castLine = (micros: number, code: CastCode, text: string): string =>
  `[${(micros / 1e6).toFixed(6)},"${code}",${inertJson(text)}]\n`

// A cast file is inert where somebody prints it: C1, bidi, line separators and tags are spelled out, as JSON itself does with C0.
const ACTS = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u
const EACH = new RegExp(ACTS, 'gu')

function inertJson(value: unknown): string {
  const text = JSON.stringify(value)
  if (!ACTS.test(text)) return text
  return text.replace(EACH, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Output as text, with the bytes themselves where the text does not tell them. */
export interface Decoded {
  readonly text: string
  /** Undefined where `text` is the bytes. */
  readonly raw: Buffer | undefined
}

/** Decodes a stream of bytes that are, or may be, UTF-8. A character that a chunk cuts comes with the next one. */
export class OutputDecoder {
  #carry: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): Decoded {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk])
    const end = bytes.length - cutOff(bytes)
    this.#carry = Buffer.from(bytes.subarray(end))
    return decoded(bytes.subarray(0, end))
  }

  /** What was left of a character that never became whole. */
  flush(): Decoded {
    const rest = this.#carry
    this.#carry = Buffer.alloc(0)
    return decoded(rest)
  }
}

function decoded(bytes: Buffer): Decoded {
  const text = bytes.toString('utf8')
  // A replacement character that somebody printed is worth the same look.
  const isText = !text.includes('\ufffd') || Buffer.from(text).equals(bytes)
  return { text, raw: isText ? undefined : bytes }
}

/** Bytes at the end that begin a character and do not end it. */
function cutOff(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4) > back ? back : 0
  }
  return 0
}
