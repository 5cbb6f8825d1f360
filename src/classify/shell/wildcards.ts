/**
 * Stand-ins inside a pattern, for what is decided on the host. Their code points are private ones that no accepted line contains, so a literal
 * `*` in quotes is never taken for one.
 */
export const ANY = '\uE000'
/** Any run of characters within one part of a path: the shell's `*`. */
export const RUN = '\uE001'
/** One character within one part of a path: the shell's `?` or `[…]`. */
export const ONE = '\uE002'
/** Whatever lies below a folder: as much as `ANY`, but all of it is meant, so nothing about it is unknown. */
export const BELOW = '\uE003'

const WILD = /[\uE000-\uE003]/

/** Nothing but stand-ins. */
export const ONLY_WILD = /^[\uE000-\uE003]+$/

export const isWild = (pattern: string): boolean => WILD.test(pattern)

/** The pattern as people write it. */
export const shown = (pattern: string): string => pattern.replace(/[\uE000\uE001\uE003]+/g, '*').replaceAll(ONE, '?')

/** What a place of the table stands for: `**` is any run, `*` a run within one part. */
export const placePattern = (place: string): string => place.replaceAll('**', ANY).replaceAll('*', RUN)

/** The same as the source of a regular expression. */
export const placeExpression = (place: string): string =>
  place
    .split('**')
    .map((piece) => piece.split('*').map(literally).join('[^/]*'))
    .join('.*')

const literally = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')

/** Whether some path is meant by both patterns. At most as many steps as one length times the other. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [Array.from(one.replaceAll(BELOW, ANY)), Array.from(other.replaceAll(BELOW, ANY))]
  let reach = closed(new Set([0]), b)
  for (const char of a) {
    if (reach.size === 0) return false
    reach = closed(stepped(char, b, reach), b)
  }
  return reach.has(b.length)
}

/** Places of `b` after `char` of the other pattern, from each of `reach`. */
function stepped(char: string, b: readonly string[], reach: ReadonlySet<number>): Set<number> {
  if (char === ANY || char === RUN) return spread(char, b, reach)
  const next = new Set<number>()
  for (const at of reach) {
    const wanted = b[at]
    if (wanted === undefined || !fits(char, wanted)) continue
    next.add(wanted === ANY || wanted === RUN ? at : at + 1)
  }
  return next
}

/** A run of one pattern swallows whatever of the other it may: nothing, or on and on. */
function spread(char: string, b: readonly string[], reach: ReadonlySet<number>): Set<number> {
  const next = new Set<number>()
  let isOpen = false
  for (let at = 0; at <= b.length; at++) {
    // A name that begins with a dot is not what the shell's wildcards mean.
    const hides = char === RUN && b[at] === '.' && (at === 0 || b[at - 1] === '/')
    if (reach.has(at)) next.add(at)
    if (reach.has(at) && !hides) isOpen = true
    if (isOpen) next.add(at)
    if (char === RUN && b[at] === '/') isOpen = false
  }
  return next
}

/** Runs of `b` may be empty. */
function closed(reach: Set<number>, b: readonly string[]): Set<number> {
  for (const at of reach) if (b[at] === ANY || b[at] === RUN) reach.add(at + 1)
  return reach
}

function fits(char: string, wanted: string): boolean {
  if (wanted === ANY || char === wanted) return true
  if (wanted === RUN || wanted === ONE) return char !== '/'
  return char === ONE && wanted !== '/'
}
