/**
 * The proof that exactly one frame was judged and recorded. Only `session/guard.ts` issues one (the architecture test holds it to that), an upstream
 * spends it: once, and for that frame alone.
 */
export class Clearance {
  readonly #frame: Uint8Array
  #spent = false

  private constructor(frame: Uint8Array) {
    this.#frame = frame
  }

  /** For the guard alone. */
  static issue(frame: Uint8Array): Clearance {
    return new Clearance(frame)
  }

  /** Whether its frame was sent. */
  get isSpent(): boolean {
    return this.#spent
  }

  /** Throws unless this is the clearance of that very frame and was never spent. */
  spend(frame: Uint8Array): void {
    if (this.#spent || this.#frame !== frame) throw new Error('a clearance covers one frame, once')
    this.#spent = true
  }
}
