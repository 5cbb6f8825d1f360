import type { Delivery } from '../model/outbox.ts'
import type { Channel } from './channel.ts'
import { FLOOD } from './flood-message.ts'

import type { Notice } from './notice.ts'
import type { OutboxDeps } from './outbox.ts'

export interface Floodgate {
  /** The deliveries of one notice through these channels: to be sent, or left out with the reason in them. */
  admit(notice: Notice, channels: readonly Channel[]): Promise<readonly Delivery[]>
}

type Deps = Pick<OutboxDeps, 'store' | 'clock' | 'newId' | 'hourly' | 'flood'>

const HOUR_MS = 3_600_000
export const LEFT_OUT = 'left out: this person has asked too often within an hour'

/**
 * Somebody who asks again and again wears approvers down until one says yes. Above the limit a channel gets one message that tells of the rest, then nothing more of
 * this person within the hour; what was left out is kept as such, and still waits in every list.
 */
export function createFloodgate(deps: Deps): Floodgate {
  return {
    async admit(notice, channels) {
      switch (notice.weight.kind) {
        case 'always':
          return channels.map((channel) => letter(deps, notice, channel))
        case 'follows':
          return follow(deps, notice, channels)
        case 'asks':
          return ask(deps, { notice, person: notice.weight.person }, channels)
      }
    },
  }
}

/** The end of something goes where its beginning went. */
async function follow(deps: Deps, notice: Notice, channels: readonly Channel[]): Promise<readonly Delivery[]> {
  const { subject } = notice
  const earlier = subject === undefined ? [] : await deps.store.about({ subject })
  const silent = new Set(earlier.filter(({ reason }) => reason === LEFT_OUT).map(({ channel }) => channel))
  return channels.filter(({ name }) => !silent.has(name)).map((channel) => letter(deps, notice, channel))
}

interface Asking {
  readonly notice: Notice
  readonly person: string
}

async function ask(deps: Deps, { notice, person }: Asking, channels: readonly Channel[]): Promise<readonly Delivery[]> {
  const counts = await deps.store.setOff({ person, since: deps.clock.now() - HOUR_MS })
  return channels.flatMap((channel) => {
    const own = counts.filter((one) => one.channel === channel.name)
    const told = own.some(({ message }) => message === FLOOD)
    const asked = own.filter(({ message }) => message !== FLOOD).reduce((sum, { count }) => sum + count, 0)
    if (asked < deps.hourly) return [letter(deps, notice, channel)]
    const left = { ...letter(deps, notice, channel), body: '', state: 'failed' as const, reason: LEFT_OUT }
    return told ? [left] : [left, letter(deps, deps.flood(person), channel)]
  })
}

function letter(deps: Deps, notice: Notice, channel: Channel): Delivery {
  const now = deps.clock.now()
  const { weight, kind: message, subject } = notice
  const id = deps.newId()
  return {
    ...{ id, channel: channel.name, body: channel.compose(notice, id), state: 'waiting' },
    ...{ attempts: 0, createdAt: now, nextAt: now, reason: undefined, deliveredAt: undefined },
    ...{ subject, message, person: weight.kind === 'asks' ? weight.person : undefined },
  }
}
