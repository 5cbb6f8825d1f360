import { ANY, BELOW, ONE, overlaps, RUN } from './wildcards.ts'

/** Places of a pattern that fit into the bits of a number, with one behind the last. */
const MAX_PLACES = 30

/** A pattern with the places in it as bits, so that one step takes all of them at once. */
interface Bits {
  /** Where a character of the other pattern may stand, by that character. */
  readonly fits: ReadonlyMap<string, number>
  /** The same for a character that the pattern does not have. */
  readonly others: number
  /** Runs of both kinds. */
  readonly runs: number
  readonly notSlash: number
  /** A name begins there with a dot, which the shell's wildcards do not mean. */
  readonly hidden: number
  readonly end: number
}

/** `overlaps` for a pattern that many others are compared with. */
export function overlapping(pattern: string): (other: string) => boolean {
  const places = Array.from(pattern.replaceAll(BELOW, ANY))
  if (places.length > MAX_PLACES) return (other) => overlaps(other, pattern)
  const bits = bitsOf(places)
  return (other) => reaches(other, bits)
}

function bitsOf(places: readonly string[]): Bits {
  const where = (holds: (place: string, at: number) => boolean): number =>
    places.reduce((bits, place, at) => (holds(place, at) ? bits | (1 << at) : bits), 0)
  const anyRun = where((place) => place === ANY)
  const within = where((place) => place === RUN || place === ONE)
  const own = new Set([...places, '/'].filter((place) => place !== ANY && place !== RUN && place !== ONE))
  const fits = [...own].map(
    (char) => [char, where((place) => place === char) | anyRun | (char === '/' ? 0 : within)] as const,
  )
  return {
    fits: new Map([...fits, [ONE, where((place) => place !== '/')]]),
    others: anyRun | within,
    runs: where((place) => place === ANY || place === RUN),
    notSlash: where((place) => place !== '/'),
    hidden: where((place, at) => place === '.' && (at === 0 || places[at - 1] === '/')),
    end: 1 << places.length,
  }
}

function reaches(other: string, bits: Bits): boolean {
  let reach = closed(1, bits)
  for (const char of other) {
    if (reach === 0) return false
    reach = closed(stepped(char, reach, bits), bits)
  }
  return (reach & bits.end) !== 0
}

function stepped(char: string, reach: number, bits: Bits): number {
  if (char === ANY || char === BELOW) return -(reach & -reach) & (2 * bits.end - 1)
  if (char === RUN) return reach | flooded(reach & ~bits.hidden, bits.notSlash)
  const moved = reach & (bits.fits.get(char) ?? bits.others)
  return (moved & bits.runs) | ((moved & ~bits.runs) << 1)
}

/** From each place on over all that are open, and onto the one behind them: the carry of an addition runs through them. */
const flooded = (from: number, open: number): number => (((from & open) + open) ^ open) | from

/** Runs may be empty. */
function closed(reach: number, { runs }: Bits): number {
  let [before, now] = [0, reach]
  while (now !== before) [before, now] = [now, now | ((now & runs) << 1)]
  return now
}
