import type { PanHit } from './pan.ts'

/** Bytes behind a card number that can belong to the same magnetic stripe: name, dates and discretionary digits. */
export const TRACK_REACH = 96

// ISO/IEC 7813: track 1 is PAN ^ NAME ^ YYMM and more, track 2 is PAN = YYMM and more; some readers print D for the equals sign.
const TRACK_1 = /^\^[A-Za-z0-9 /.'-]{2,30}\^[0-9A-Za-z ]{4,56}\??/
const TRACK_2 = /^[=Dd][0-9]{4,40}\??/

const OPENS: ReadonlySet<string | undefined> = new Set(['^', '=', 'D', 'd'])

/** The hit with the rest of its track, or the hit as it is where no track follows. */
export function withTrack(text: string, hit: PanHit): PanHit {
  if (!OPENS.has(text[hit.end])) return hit
  const rest = text.slice(hit.end, hit.end + TRACK_REACH)
  const track = TRACK_1.exec(rest) ?? TRACK_2.exec(rest)
  return track === null ? hit : { ...hit, kind: 'track', end: hit.end + track[0].length }
}

/** Whether this byte behind a run of digits can continue a track, or the exponent of a number. */
export const mayContinue = (byte: number | undefined): boolean =>
  byte === 0x5e || byte === 0x3d || byte === 0x44 || byte === 0x64 || byte === 0x45 || byte === 0x65
