/** What a transaction has done before the statement in question. */
export interface SoFar {
  readonly statements: number
  /** When it began, in milliseconds since 1970: locks may have been held since then. */
  readonly since: number
}

/** Counts the statements of the open transaction of one session. */
export class TransactionSoFar {
  readonly #now: () => number
  #statements = 0
  #since = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** A statement is about to be judged, with the transaction in this state. */
  note(transaction: 'idle' | 'transaction' | 'failed'): void {
    if (transaction === 'idle') {
      this.#since = this.#now()
      this.#statements = 0
    }
    this.#statements += 1
  }

  /** Before the statement that was noted last; undefined where no transaction is open. */
  before(transaction: 'idle' | 'transaction' | 'failed'): SoFar | undefined {
    return transaction === 'idle' ? undefined : { statements: this.#statements - 1, since: this.#since }
  }
}
