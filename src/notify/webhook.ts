import type { Clock } from '../std/clock.ts'
import type { Secret } from '../std/secret.ts'
import type { Channel } from './channel.ts'
import { createPost } from './post.ts'
import type { PostDeps } from './post.ts'
import { sign } from './signature.ts'

export interface WebhookDeps extends PostDeps {
  readonly name: string
  readonly secret: Secret
  readonly clock: Clock
}

/**
 * A channel that posts signed JSON.
 *
 * @throws RangeError where the URL itself may not be a webhook
 */
export function createWebhook(deps: WebhookDeps): Channel {
  const post = createPost(deps)
  return {
    name: deps.name,
    // The id inside what is signed: whoever repeats a delivery under another id repeats its signature's id as well.
    compose: ({ payload }, id) => JSON.stringify({ delivery: id, ...payload }),
    send: ({ id, body }) =>
      post(body, {
        'Countersign-Delivery': id,
        'Countersign-Signature': sign(body, deps.secret, Math.floor(deps.clock.now() / 1000)),
      }),
  }
}
