import { asError } from '../std/errors.ts'

/** How often live recordings are looked at, in milliseconds: how late a search is on a node with little to read. */
export const BEAT_MS = 2000
/** After trouble with a file, so that it does not fill the log. */
export const AGAIN_MS = 30_000
/** Of a core's time, what following takes at most while nobody asks: sessions that run come first. */
export const SHARE = 0.1
/** The same while sessions keep the process busy: what is written now can be read when they are done, or when somebody asks. */
export const PRESSED_SHARE = 0.02
/** Work in one go before the others get theirs, in milliseconds. */
export const BURST_MS = 20
/** Later than this, answers are not complete, in milliseconds. */
export const BEHIND_MS = 10_000
/** How long an answer that would not be complete waits for more to be read, in milliseconds. */
export const CATCH_UP_MS = 1000
/** How long a question keeps following at full speed where it never gets to the end of what is written meanwhile, in milliseconds. */
export const HURRY_MS = 30_000

export interface FollowingDeps {
  /** One slice of work: true where there is more at once, false at the end of a round. Throws on trouble with a file. */
  readonly step: () => boolean
  readonly monoMicros: () => number
  readonly after: (ms: number, callback: () => void) => () => void
  /** Calls back once everything else that is due has had its turn. */
  readonly soon: (callback: () => void) => void
  /** Whether sessions have kept the process busy since the last time that this was asked. */
  readonly isPressed: () => boolean
  readonly onTrouble: (message: string) => void
}

interface Waiting {
  readonly answer: () => void
  /** Rounds that are to end first: one that is under way may have passed what was written last. */
  rounds: number
  /** Answered then, however much is left to read. */
  readonly before: number
}

/**
 * When the index reads on: at every beat, in slices, and for no more than its share of a core, so that people's sessions go before their index. A question lifts
 * that until everything is read.
 */
export class Following {
  readonly #deps: FollowingDeps
  #waiting: Waiting[] = []
  /** Undefined while a turn is due at once. */
  #cancel: (() => void) | undefined
  #spentMs = 0
  /** When the round began that is under way. */
  #began: number | undefined
  /** What was written before then has been read. */
  #readUpTo = -Infinity
  #hurriesUntil = -Infinity
  /** A file could not be read: it is tried again at its time, whoever asks. */
  #isTroubled = false
  #isOver = false

  constructor(deps: FollowingDeps) {
    this.#deps = deps
  }

  /** Takes the first slice now. */
  start(): void {
    this.#turn()
  }

  /** What was written some seconds ago may not have been read. */
  get isBehind(): boolean {
    return this.#now() - this.#readUpTo > BEHIND_MS
  }

  /** Somebody asks: `answer` is called at once, or in a moment where there is something to catch up with. */
  ask(answer: () => void): void {
    const now = this.#now()
    const waits = this.isBehind && !this.#isTroubled && now >= this.#hurriesUntil
    if (waits) this.#waiting.push({ answer, rounds: this.#rounds(), before: now + CATCH_UP_MS })
    else answer()
    if (waits || this.#began !== undefined) this.#hurry()
  }

  /** `answer` is called when everything has been read that is there now. */
  refresh(answer: () => void): void {
    this.#waiting.push({ answer, rounds: this.#rounds(), before: Infinity })
    this.#hurry()
  }

  stop(): void {
    this.#isOver = true
    this.#cancel?.()
  }

  #rounds(): number {
    return this.#began === undefined ? 1 : 2
  }

  #hurry(): void {
    this.#hurriesUntil = this.#now() + HURRY_MS
    if (this.#cancel === undefined) return
    this.#cancel()
    this.#soon()
  }

  #turn(): void {
    this.#cancel = undefined
    if (this.#isOver) return
    const before = this.#now()
    this.#began ??= before
    try {
      const more = this.#deps.step()
      this.#isTroubled = false
      const now = this.#now()
      this.#spentMs += now - before
      if (more) this.#goOn(now)
      else this.#roundEnded(this.#began)
    } catch (error) {
      this.#isTroubled = true
      this.#deps.onTrouble(asError(error).message)
      this.#answer(() => true)
      this.#rest(AGAIN_MS)
    }
  }

  #goOn(now: number): void {
    if (this.#waiting.length > 0) this.#answer(({ before }) => before <= now)
    if (now < this.#hurriesUntil || this.#waiting.length > 0) {
      this.#spentMs = 0
      this.#soon()
    } else if (this.#spentMs < BURST_MS) this.#soon()
    else this.#standBack()
  }

  #standBack(): void {
    const share = this.#deps.isPressed() ? PRESSED_SHARE : SHARE
    const pause = this.#spentMs / share - this.#spentMs
    this.#spentMs = 0
    this.#wait(pause)
  }

  #roundEnded(began: number): void {
    this.#readUpTo = began
    this.#answer((one) => (one.rounds -= 1) <= 0)
    if (this.#waiting.length === 0) this.#rest(BEAT_MS)
    else {
      this.#began = undefined
      this.#soon()
    }
  }

  #rest(ms: number): void {
    this.#began = undefined
    this.#hurriesUntil = -Infinity
    this.#spentMs = 0
    this.#wait(ms)
  }

  #answer(isDue: (one: Waiting) => boolean): void {
    const due = new Set(this.#waiting.filter(isDue))
    if (due.size === 0) return
    this.#waiting = this.#waiting.filter((one) => !due.has(one))
    for (const { answer } of due) answer()
  }

  #wait(ms: number): void {
    this.#cancel = this.#deps.after(ms, () => this.#turn())
  }

  #soon(): void {
    this.#cancel = undefined
    this.#deps.soon(() => this.#turn())
  }

  #now(): number {
    return this.#deps.monoMicros() / 1000
  }
}
