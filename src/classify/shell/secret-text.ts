/** Where a value to withhold stands, in UTF-16 units. */
export interface Found {
  readonly start: number
  readonly end: number
}

/** Each has one group, the value; what stands around it may be shown. All run in linear time. */
const PATTERNS: readonly RegExp[] = [
  // scheme://user:password@host
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@'"]{0,200}:([^\s/@'"]{1,400})@/gi,
  // scheme://token@host
  /\bhttps?:\/\/([A-Za-z0-9_-]{16,400})(?::[^\s/@'"]{0,400})?@/gi,
  // Headers: Authorization: Bearer …, X-Api-Key: …
  /\b(?:proxy-)?authorization\s*[:=]\s*(?:(?:basic|bearer|digest|token|negotiate|apikey)\s+)?([^\s'"\\][^'"\\\n]{0,2000})/gi,
  /\b(?:bearer|token)\s+([A-Za-z0-9._~+/=-]{12,2000})/gi,
  /\b(?:x-[a-z-]{0,30}(?:key|token|secret|auth)|(?:set-)?cookie)\s*:\s*([^\s'"\\][^'"\\\n]{0,2000})/gi,
  // name=value and "name": "value" inside a word: query strings, forms, JSON, connection strings
  /\b[\w.-]{0,40}(?:password|passwd|passphrase|secret|token|api[-_]?key|credential|access[-_]?key|private[-_]?key)[\w.-]{0,20}["']?\s*[=:]\s*["']?([^\s"'&;,}\\]{1,2000})/gi,
  /\b(?:pwd|pass|pin|cvv|cvc|otp)["']?\s*[=:]\s*["']?([^\s"'&;,}\\]{1,2000})/gi,
  // IDENTIFIED BY 'secret', PASSWORD 'secret'
  /\b(?:identified\s+by|password)\s+["']([^"']{1,400})["']/gi,
  // Forms of keys that tell what they are
  /\b((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,255}|xox[abprs]-[\w-]{10,255}|sk_live_\w{10,255}|eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{0,2000})/g,
]

const KEY_BEGINS = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g
const KEY_ENDS = '-----END'

/** A private key, to its end or to that of the text. */
function keysIn(text: string): readonly Found[] {
  const found: Found[] = []
  let last = 0
  for (const { index: start, 0: head } of text.matchAll(KEY_BEGINS)) {
    if (start < last) continue
    const end = text.indexOf(KEY_ENDS, start + head.length)
    last = end < 0 ? text.length : end + KEY_ENDS.length
    found.push({ start, end: last })
  }
  return found
}

/** Secrets that give themselves away by what stands around them, wherever in the line that is. */
export function secretsInText(text: string): readonly Found[] {
  const told = PATTERNS.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const value = match[1]
      if (value === undefined || isReference(value)) return []
      const start = match.index + match[0].lastIndexOf(value)
      return [{ start, end: start + value.length }]
    }),
  )
  return [...told, ...keysIn(text)]
}

/** A variable or a substitution that stands for the value gives nothing away. */
const isReference = (value: string): boolean => /^\$(\w+|\{\w+\})$/.test(value)
