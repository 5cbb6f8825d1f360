import { findPans } from '../mask/pan.ts'
import type { Detector } from '../policy/mask-entry.ts'

/** Whether a detector of a mask finds something in `text`; for the examples of masks. */
export function detects(detector: Detector, text: string): boolean {
  const hits = findPans(text)
  return detector === 'pan' ? hits.length > 0 : hits.some((hit) => hit.kind === 'track')
}
