/** What was made for the last few objects, found by identity. For what repeats in a small circle: a WeakMap would mark every object that comes but once. */
export class Recent<Key extends object, Value> {
  readonly #keys: (Key | undefined)[]
  readonly #values: (Value | undefined)[]
  #next = 0

  /** `size`: how many are remembered; each lookup looks through them. */
  constructor(size: number) {
    this.#keys = new Array<Key | undefined>(size).fill(undefined)
    this.#values = new Array<Value | undefined>(size).fill(undefined)
  }

  get(key: Key): Value | undefined {
    const at = this.#keys.indexOf(key)
    return at < 0 ? undefined : this.#values[at]
  }

  /** Takes the place of the oldest. */
  set(key: Key, value: Value): void {
    this.#keys[this.#next] = key
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % this.#keys.length
  }
}
