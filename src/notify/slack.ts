import type { Channel } from './channel.ts'
import { plainText } from './notice.ts'
import type { Notice } from './notice.ts'
import { createPost } from './post.ts'
import type { PostDeps } from './post.ts'

export interface SlackDeps extends PostDeps {
  readonly name: string
}

/** Longest text of a block that Slack takes, and a little less: it counts in its own way. */
const MAX_TEXT = 2_900

/**
 * A channel that posts to an incoming webhook of Slack. Whoever has the URL may post, so it is a secret.
 *
 * @throws RangeError where the URL itself may not be posted to
 */
export function createSlack(deps: SlackDeps): Channel {
  const post = createPost(deps)
  return { name: deps.name, compose: slackBody, send: ({ body }) => post(body, {}) }
}

/** Plain text in every place: no markup, no mentions, no emoji codes, no previews of links. */
export function slackBody(notice: Notice): string {
  return JSON.stringify({
    // Shown where blocks are not: on a locked screen.
    text: notice.headline,
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: plain(notice.headline) },
      { type: 'section', text: plain(plainText(notice)) },
      { type: 'actions', elements: [{ type: 'button', text: plain('Open'), url: notice.link }] },
    ],
  })
}

const plain = (text: string): object => ({ type: 'plain_text', text: bounded(text), emoji: false })

/** The link is the last line and stays whole. */
function bounded(text: string): string {
  if (text.length <= MAX_TEXT) return text
  const last = text.slice(text.lastIndexOf('\n'))
  return `${text.slice(0, MAX_TEXT - last.length - 1)}…${last}`
}
