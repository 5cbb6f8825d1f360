import { randomBytes, randomInt } from 'node:crypto'

/** What the client is told in BackendKeyData. The upstream's own key never leaves us. */
export interface CancelKey {
  /** A positive 31-bit number that stands where a process id would. */
  readonly pid: number
  /** 4 bytes, as protocol 3.0 has them. */
  readonly secret: Buffer
}

/** Our own random cancel keys and the live session behind each. The answer is the same for every key: the connection closes. */
export class CancelKeys {
  readonly #sessions = new Map<number, { readonly secret: Buffer; readonly cancel: () => Promise<void> }>()

  /** Makes a key whose CancelRequest calls `cancel`. */
  issue(cancel: () => Promise<void>): CancelKey {
    let pid = randomInt(1, 2 ** 31)
    while (this.#sessions.has(pid)) pid = randomInt(1, 2 ** 31)
    const secret = randomBytes(4)
    this.#sessions.set(pid, { secret, cancel })
    return { pid, secret }
  }

  revoke(key: CancelKey): void {
    this.#sessions.delete(key.pid)
  }

  /**
   * Cancels what the key names; a wrong key does nothing, and nobody is told which it was. Resolves when it is done: clients wait for the end of the connection
   * that asked, so that what they send afterwards is not what is cancelled.
   */
  async cancel(pid: number, secret: Buffer): Promise<void> {
    const session = this.#sessions.get(pid)
    if (session === undefined || session.secret.length !== secret.length || !session.secret.equals(secret)) return
    await session.cancel()
  }
}
