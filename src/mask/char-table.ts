/** A table with a 1 at the code of each of these characters of ASCII. */
export function charTable(chars: string): Uint8Array {
  const table = new Uint8Array(128)
  for (const char of chars) table[char.charCodeAt(0)] = 1
  return table
}
