/**
 * Whether `text` is what `pattern` says, from its first to its last character: `*` stands for any run, `?` for one character, everything
 * else for itself. At most `pattern × text` steps whatever both are, so a pattern is never a way to stop the proxy.
 */
export function globMatches(pattern: string, text: string): boolean {
  let [p, t, star, retry] = [0, 0, -1, 0]
  while (t < text.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      star = p++
      retry = t
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++retry
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Whether `pattern` stands for more than itself. */
export const isGlob = (pattern: string): boolean => pattern.includes('*') || pattern.includes('?')

/** One test for many patterns: those without a wildcard cost one look into a set. */
export function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)))
  const globs = patterns.filter(isGlob)
  if (globs.includes('*')) return () => true
  if (globs.length === 0) return (text) => exact.has(text)
  return (text) => exact.has(text) || globs.some((pattern) => globMatches(pattern, text))
}
