import { html } from 'hono/html'
import type { Channel } from '../../evidence/questions.ts'
import type { Html } from './frame.ts'
import { offset } from './moments.ts'
import type { PlayerPage, SeenPlaces } from './player.ts'
import { queryOf, setOf } from './query.ts'
import { inert } from './recorded-text.ts'
import { sqlPlayer } from './sql-player.ts'

/** The screens of a session over SSH above its transcript of commands and verdicts; both play together. */
export const sshPlayer = (page: PlayerPage): Html =>
  html`${sqlPlayer({ ...page, above: screen(page), below: seen(page) })}`

function screen({ channels, startedAt, channel, ms, live, path }: PlayerPage): Html {
  if (channels.length === 0 && !live)
    return html`<p class="soft">No output was kept of this session: the transcript below is all there is.</p>`
  return html`<div class="screen-box" data-screen-box ${ms === undefined ? '' : html`data-ms="${ms}"`}>
    <div class="row">
      <label class="speed"
        ><span class="unseen">Channel</span>
        <select data-channels>
          ${channels.map((one) => option(one, { startedAt, chosen: channel }))}
        </select></label
      >
      <span class="soft small" data-screen-status></span>
    </div>
    <div class="screen" data-screen tabindex="0" role="region" aria-label="Screen as it was shown">
      <div class="lines" data-lines></div>
    </div>
    <noscript
      ><p class="warn">
        Screens need the console's script. <a href="${path}/export?format=html" download>The export as one page</a> has
        what stood on them as text.
      </p></noscript
    >
  </div>`
}

const option = (
  { channel, command, terminal, startedAt: began }: Channel,
  { startedAt, chosen }: { readonly startedAt: number; readonly chosen: number | undefined },
): Html =>
  html`<option
    value="${channel}"
    data-began="${Math.max(0, began - startedAt)}"
    ${channel === chosen ? html`selected` : ''}
  >
    ${channel}: ${inert(command.slice(0, 60))}${terminal ? '' : ' (no terminal)'}
  </option>`

/** Where a text stood on the screens. */
function seen({ sights, path, asked }: PlayerPage): Html | string {
  if (sights === undefined) return ''
  return html`<section class="card found" aria-label="Found on the screen">
    <h2>
      ${sights.items.length === 0 ? 'Nothing on the screens' : `${sights.items.length} on the screens`}${sights.next === undefined ? '' : ' so far'}
    </h2>
    <ol>
      ${sights.items.map((one) => sight(one, `${path}/replay`, asked))}
    </ol>
    ${sights.next === undefined ? '' : furtherLink(sights.next, `${path}/replay`, asked)}
  </section>`
}

type Sight = SeenPlaces['items'][number]

const sight = ({ channel, ms, line }: Sight, path: string, asked: PlayerPage['asked']): Html =>
  html`<li>
    <a href="${path}?${queryOf(setOf({ ...asked, channel: String(channel), ms: String(Math.round(ms)) }))}"
      >at ${offset(ms)}</a
    >
    <code class="one-line">${inert(line.trim())}</code>
  </li>`

const furtherLink = (
  { channel, from }: NonNullable<SeenPlaces['next']>,
  path: string,
  asked: PlayerPage['asked'],
): Html =>
  html`<p>
    <a class="quiet" href="${path}?${queryOf(setOf({ ...asked, channel: String(channel), further: String(from) }))}"
      >Look further</a
    >
  </p>`
