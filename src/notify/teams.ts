import type { Channel } from './channel.ts'
import type { Line, Notice } from './notice.ts'
import { createPost } from './post.ts'
import type { PostDeps } from './post.ts'

export interface TeamsDeps extends PostDeps {
  readonly name: string
}

/**
 * A channel that posts an Adaptive Card to a workflow of Microsoft Teams. Whoever has the URL may post, so it is a secret.
 *
 * @throws RangeError where the URL itself may not be posted to
 */
export function createTeams(deps: TeamsDeps): Channel {
  const post = createPost(deps)
  return { name: deps.name, compose: teamsBody, send: ({ body }) => post(body, {}) }
}

/** Runs of a rich text block are the only texts of a card in which Markdown means nothing: a TextBlock and a FactSet would read `_a_` as emphasis. */
export function teamsBody({ headline, lines, link }: Notice): string {
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [block(run(headline, { weight: 'Bolder', size: 'Medium' })), ...lines.map(lineBlock)],
          actions: [{ type: 'Action.OpenUrl', title: 'Open', url: link }],
        },
      },
    ],
  })
}

const lineBlock = ({ label, text }: Line): object => block(run(`${label}: `, { isSubtle: true }), run(text))
const block = (...inlines: readonly object[]): object => ({ type: 'RichTextBlock', inlines })
const run = (text: string, look: object = {}): object => ({ type: 'TextRun', text, ...look })
