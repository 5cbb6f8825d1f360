/** One message for one channel, as it is stored; the body carries ids, names, facts and a link, never text with literals. */
export interface Delivery {
  readonly id: string
  readonly channel: string
  readonly body: string
  readonly state: 'waiting' | 'delivered' | 'failed'
  readonly attempts: number
  readonly createdAt: number
  /** When to try again, in milliseconds since 1970. */
  readonly nextAt: number
  /** Why the last attempt failed, in our words; undefined before and after success. */
  readonly reason: string | undefined
}

/** Messages survive a restart and are tried again until delivered or given up. */
export interface OutboxStore {
  /** Durable when it resolves. */
  add(input: { readonly deliveries: readonly Delivery[] }): Promise<void>
  /** Waiting ones whose time has come, oldest first. */
  due(input: { readonly now: number; readonly limit: number }): Promise<readonly Delivery[]>
  /** When the next waiting one is due; undefined where none waits. */
  nextDue(): Promise<number | undefined>
  update(input: Pick<Delivery, 'id' | 'state' | 'attempts' | 'nextAt' | 'reason'>): Promise<void>
  /** Newest first. */
  recent(input: { readonly limit: number }): Promise<readonly Delivery[]>
}
