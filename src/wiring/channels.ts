import { readFileSync } from 'node:fs'
import type { ChannelConfig } from '../config/channel.ts'
import type { Config } from '../config/load.ts'
import type { Channel } from '../notify/channel.ts'
import { createEmail } from '../notify/email.ts'
import type { Reach } from '../notify/reach.ts'
import { createResolve, type Resolve } from '../notify/resolve.ts'
import { createSlack } from '../notify/slack.ts'
import { createTeams } from '../notify/teams.ts'
import { createWebhook } from '../notify/webhook.ts'
import type { Clock } from '../std/clock.ts'

/** The configured ways to tell people. */
export function openChannels(config: Pick<Config, 'notify' | 'egress'>, clock: Clock): readonly Channel[] {
  const shared = { reach: reachOf(config), resolve: createResolve(), clock }
  return config.notify.map((channel) => openChannel(channel, shared))
}

/**
 * Where this node may connect to of its own accord: hosts that `notify` names and those of `egress`, on public addresses unless `egress` says otherwise, on this
 * machine where a host is written as it. Targets are another matter: each is its own permission.
 */
export function reachOf({ notify, egress }: Pick<Config, 'notify' | 'egress'>): Reach {
  const hosts = new Set([...egress.hosts, ...notify.map(hostOf)])
  return { hosts, privateAddresses: egress.allowPrivate, loopbackHttp: true }
}

const hostOf = (channel: ChannelConfig): string =>
  channel.kind === 'email' ? channel.smtp.host.toLowerCase() : channel.url.hostname.replace(/^\[|\]$/g, '')

interface Shared {
  readonly reach: Reach
  readonly resolve: Resolve
  readonly clock: Clock
}

function openChannel(channel: ChannelConfig, { reach, resolve, clock }: Shared): Channel {
  switch (channel.kind) {
    case 'webhook':
      return createWebhook({ ...channel, reach, resolve, clock })
    case 'slack':
      return createSlack({ ...channel, reach, resolve })
    case 'teams':
      return createTeams({ ...channel, reach, resolve })
    case 'email': {
      const { name, from, to, smtp } = channel
      const ca = smtp.ca === undefined ? undefined : readFileSync(smtp.ca, 'utf8')
      return createEmail({ name, from, to, reach, resolve, ...smtp, ca })
    }
  }
}
