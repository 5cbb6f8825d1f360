/** Lines that one person typed at the prompt of one target, scrubbed before they came here. */
export interface LineHistory {
  /** Oldest first, the newest thousand at most. */
  load(of: { readonly person: string; readonly target: string }): Promise<readonly string[]>
  /** Keeps a line; the oldest beyond a thousand are forgotten. */
  add(line: {
    readonly person: string
    readonly target: string
    readonly text: string
    /** Milliseconds since 1970. */
    readonly at: number
  }): Promise<void>
}

/** Lines kept for one person and target. */
export const MAX_HISTORY = 1000
