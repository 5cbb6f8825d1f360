/** Longest line that is read, in bytes. Ansible's longest are a few thousand; whoever needs more can upload a script. */
const MAX_BYTES = 32_768

/** Ranges, and what is wrong with a character of them; the first that fits is told. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/\0/, 'the line has a NUL in it, at which the target would end it'],
  [/\r/, 'the line has a carriage return in it, which hides on a screen what stands before it'],
  [/[\x01-\x08\x0b-\x1f\x7f-\x9f]/, 'the line has control characters in it'],
  [
    /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u061c\u180e]/,
    'the line has characters in it that are not seen, or turn the text around',
  ],
  [/[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/, 'the line has blanks in it that are none to the shell'],
  [/[\ue000-\uf8ff\ufff0-\uffff]/, 'the line has characters in it that everybody draws differently'],
  [/\p{Surrogate}/u, 'the line is no valid text'],
]

/** Why a line cannot be read at all, in words for a person; undefined where it can. */
export function textFault(text: string): string | undefined {
  if (text.length > MAX_BYTES || new TextEncoder().encode(text).length > MAX_BYTES)
    return `the line is longer than ${MAX_BYTES} bytes`
  return FAULTS.find(([range]) => range.test(text))?.[1]
}
