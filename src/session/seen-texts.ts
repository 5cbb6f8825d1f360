/**
 * Whether a text came by lately, by a hash alone: in constant memory, and wrong now and then (a collision, or a slot taken by another text since). For
 * deciding what is worth keeping, never for what it means.
 */
export class SeenTexts {
  readonly #slots: Int32Array

  /** `slots`: a power of two. */
  constructor(slots: number) {
    this.#slots = new Int32Array(slots)
  }

  /** Notes the text; true where it seems to have come before. */
  again(text: string): boolean {
    const hash = hashOf(text)
    const slot = (hash ^ (hash >>> 15)) & (this.#slots.length - 1)
    if (this.#slots[slot] === hash) return true
    this.#slots[slot] = hash
    return false
  }
}

/** FNV-1a over UTF-16 units; never 0, which is an empty slot. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash === 0 ? 1 : hash
}
