import { randomBytes, randomInt } from 'node:crypto'

/** What the client is told in BackendKeyData. The upstream's own key never leaves us. */
export interface CancelKey {
  /** A positive 31-bit number that stands where a process id would. */
  readonly pid: number
  /** 4 bytes, as protocol 3.0 has them. */
  readonly secret: Buffer
}

/** Our own random cancel keys and the live session behind each. Answering is the same for every key: the connection closes. */
export class CancelKeys {
  readonly #sessions = new Map<number, { readonly secret: Buffer; readonly cancel: () => void }>()

  /** Makes a key whose CancelRequest calls `cancel`. */
  issue(cancel: () => void): CancelKey {
    let pid = randomInt(1, 2 ** 31)
    while (this.#sessions.has(pid)) pid = randomInt(1, 2 ** 31)
    const secret = randomBytes(4)
    this.#sessions.set(pid, { secret, cancel })
    return { pid, secret }
  }

  revoke(key: CancelKey): void {
    this.#sessions.delete(key.pid)
  }

  /** Cancels what the key names; a wrong key does nothing, and nobody is told which it was. */
  cancel(pid: number, secret: Buffer): boolean {
    const session = this.#sessions.get(pid)
    if (session === undefined || session.secret.length !== secret.length || !session.secret.equals(secret)) return false
    session.cancel()
    return true
  }
}
