/**
 * One session's prepared statements or portals, protocol-made and SQL-made together, as the backend has them. A change is provisional until the
 * backend confirms it; an error takes back whatever it cancelled. Manual: "Extended Query Overview", PREPARE, DECLARE.
 */
export interface Named<Value> {
  readonly name: string
  readonly madeBy: 'protocol' | 'sql'
  readonly value: Value
  /** The pipeline segment (frames up to a Sync) whose frame made it; undefined once the backend has confirmed it. */
  readonly segment: number | undefined
}

/** An entry as it is kept: its confirmation is noted in place, as every Bind has one. */
interface Entry<Value> extends Named<Value> {
  segment: number | undefined
}

interface Change<Value> {
  readonly name: string
  readonly segment: number
  before: Entry<Value> | undefined
}

export class Names<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #changes: Change<Value>[] = []

  get(name: string): Named<Value> | undefined {
    return this.#entries.get(name)
  }

  /** Whether an unconfirmed change of an earlier segment touches the name: what it stands for is not certain yet. */
  isUncertain(name: string, segment: number): boolean {
    for (const change of this.#changes) if (change.name === name && change.segment !== segment) return true
    return false
  }

  define({ name, madeBy, value }: Omit<Named<Value>, 'segment'>, segment: number): void {
    this.#changes.push({ name, segment, before: this.#entries.get(name) })
    this.#entries.set(name, { name, madeBy, value, segment })
  }

  remove(name: string, segment: number): void {
    this.#changes.push({ name, segment, before: this.#entries.get(name) })
    this.#entries.delete(name)
  }

  /** The backend has confirmed the oldest change of the name. */
  confirm(name: string): void {
    const at = this.#oldest(name)
    if (at === 0) this.#changes.shift()
    else if (at > 0) this.#changes.splice(at, 1)
    const entry = this.#entries.get(name)
    if (entry !== undefined && this.#oldest(name) < 0) entry.segment = undefined
  }

  /** What the backend did not confirm up to and including this segment did not happen: newest first, back to what was before. */
  rollback(segment: number): void {
    for (let at = this.#changes.length - 1; at >= 0; at -= 1) {
      const change = this.#changes[at]
      if (change === undefined || change.segment > segment) continue
      this.#changes.splice(at, 1)
      this.#restore(change.name, change.before)
    }
  }

  /** The newest changes were never sent. */
  takeBack(count: number): void {
    for (const change of this.#changes.splice(Math.max(0, this.#changes.length - count)).reverse())
      this.#restore(change.name, change.before)
  }

  /** Whether an entry is this one, or may be again once a change on its way has failed. */
  mayHold(isIt: (value: Value) => boolean): boolean {
    for (const { value } of this.#entries.values()) if (isIt(value)) return true
    return this.#changes.some(({ before }) => before !== undefined && isIt(before.value))
  }

  /** Certain knowledge from a completed SQL statement: takes effect at once, below changes that are still on their way. */
  put({ name, madeBy, value }: Omit<Named<Value>, 'segment'>): void {
    this.#settle(name, { name, madeBy, value, segment: undefined })
  }

  delete(name: string): void {
    this.#settle(name, undefined)
  }

  /** Forgets every entry that the predicate names. */
  prune(gone: (entry: Named<Value>) => boolean): void {
    for (const [name, entry] of this.#entries) if (gone(entry)) this.#entries.delete(name)
  }

  clear(): void {
    for (const name of new Set([...this.#entries.keys(), ...this.#changes.map((change) => change.name)]))
      this.delete(name)
  }

  get size(): number {
    return this.#entries.size
  }

  #settle(name: string, entry: Entry<Value> | undefined): void {
    const oldest = this.#changes[this.#oldest(name)]
    if (oldest !== undefined) oldest.before = entry
    else this.#restore(name, entry)
  }

  #restore(name: string, entry: Entry<Value> | undefined): void {
    if (entry === undefined) this.#entries.delete(name)
    else this.#entries.set(name, entry)
  }

  /** Where the oldest unconfirmed change of the name stands; -1 where there is none. */
  #oldest(name: string): number {
    for (let at = 0; at < this.#changes.length; at += 1) if (this.#changes[at]?.name === name) return at
    return -1
  }
}
