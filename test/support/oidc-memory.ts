/** What a provider keeps of one thing. */
type Payload = Readonly<Record<string, unknown>>

/** The store that the OpenID provider asks for, in memory, one for each provider. */
export function memoryAdapter() {
  const kept = new Map<string, Payload>()
  return class MemoryAdapter {
    readonly #name: string

    constructor(name: string) {
      this.#name = name
    }

    upsert(id: string, payload: Payload): Promise<void> {
      kept.set(this.#key(id), payload)
      return Promise.resolve()
    }

    find(id: string): Promise<Payload | undefined> {
      return Promise.resolve(kept.get(this.#key(id)))
    }

    findByUid(uid: string): Promise<Payload | undefined> {
      return Promise.resolve([...kept].find(([key, one]) => key.startsWith(this.#key('')) && one['uid'] === uid)?.[1])
    }

    findByUserCode(): Promise<undefined> {
      return Promise.resolve(undefined)
    }

    consume(id: string): Promise<void> {
      const payload = kept.get(this.#key(id))
      if (payload !== undefined) kept.set(this.#key(id), { ...payload, consumed: Math.floor(Date.now() / 1000) })
      return Promise.resolve()
    }

    destroy(id: string): Promise<void> {
      kept.delete(this.#key(id))
      return Promise.resolve()
    }

    revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, one] of kept) if (one['grantId'] === grantId) kept.delete(key)
      return Promise.resolve()
    }

    #key(id: string): string {
      return `${this.#name}:${id}`
    }
  }
}
