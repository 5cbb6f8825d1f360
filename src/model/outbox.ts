import type { Tiding } from './tiding.ts'

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
  /** Why the last attempt failed, or why there was none, in our words; undefined before and after success. */
  readonly reason: string | undefined
  /** What it is about: `approval:a_…`, `request:r_…`. */
  readonly subject: string | undefined
  /** What it tells, e.g. `approval.opened`. */
  readonly message: string
  /** Who set it off, where that counts against what one person may cause. */
  readonly person: string | undefined
  readonly deliveredAt: number | undefined
}

/** One delivery as people see it beside what it is about. */
export interface DeliveryShown {
  readonly channel: string
  /** `gone` where the configuration knows the channel no more. */
  readonly kind: 'webhook' | 'slack' | 'teams' | 'email' | 'gone'
  /** What was told, e.g. `approval.opened`. */
  readonly message: string
  readonly state: Delivery['state']
  readonly attempts: number
  /** When it was delivered, else when it is tried next, else when it was made. Milliseconds since 1970. */
  readonly at: number
  readonly reason: string | undefined
}

/** Between two attempts lies at most so much, in milliseconds. */
export const LONGEST_PAUSE = 15 * 60_000

/** Messages survive a restart and are tried again until delivered or given up. */
export interface OutboxStore {
  /** Changes that nobody was told of yet, oldest first. */
  tidings(input: { readonly limit: number }): Promise<readonly Tiding[]>
  /** The messages of one tiding, which is then done with: durable when it resolves. False, and nothing is kept, where another has done that already. */
  add(input: { readonly tiding: number; readonly deliveries: readonly Delivery[] }): Promise<boolean>
  /** Waiting ones of one channel whose time has come, or lies further off than any pause because the clock was set back; oldest first. */
  due(input: { readonly channel: string; readonly now: number; readonly limit: number }): Promise<readonly Delivery[]>
  /** When the next waiting one of the channel is due; undefined where none waits. */
  nextDue(input: { readonly channel: string }): Promise<number | undefined>
  update(input: Pick<Delivery, 'id' | 'state' | 'attempts' | 'nextAt' | 'reason' | 'deliveredAt'>): Promise<void>
  /** Gives up what waits for channels other than these. */
  abandon(input: { readonly channels: readonly string[]; readonly reason: string }): Promise<void>
  /** Newest first. */
  recent(input: { readonly limit: number }): Promise<readonly Delivery[]>
  /** Everything about one subject, oldest first. */
  about(input: { readonly subject: string }): Promise<readonly Delivery[]>
  /** How many messages of each kind one person has set off on each channel since then, those left out not counted. */
  setOff(input: {
    readonly person: string
    readonly since: number
  }): Promise<readonly { readonly channel: string; readonly message: string; readonly count: number }[]>
}
