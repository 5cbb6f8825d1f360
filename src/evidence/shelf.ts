/** Things that stand ready until somebody takes them away; when there are too many, the one that was put there first is closed. */
export class Shelf<Value extends { close(): void }> {
  readonly #values = new Map<string, Value>()
  readonly #room: number

  constructor(room: number) {
    this.#room = room
  }

  put(key: string, value: Value): void {
    this.take(key)?.close()
    this.#values.set(key, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > this.#room && oldest !== undefined) this.take(oldest)?.close()
  }

  take(key: string): Value | undefined {
    const value = this.#values.get(key)
    this.#values.delete(key)
    return value
  }
}
