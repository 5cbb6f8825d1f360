import { html } from 'hono/html'
import { fileLine, forwardLine } from '../../recording/replay-files.ts'
import { exitWords, inputWords } from '../../recording/replay.ts'
import type { StoredEvent } from '../../recording/stored.ts'
import { visible } from '../../recording/visible.ts'
import type { Html } from './frame.ts'
import { badge } from './parts.ts'
import { inert } from './recorded-text.ts'

/** Events that only a session over SSH has. */
export type SshEvent = Extract<StoredEvent, { kind: `ssh.${string}` }>

export const isSsh = (event: StoredEvent): event is SshEvent => event.kind.startsWith('ssh.')

/** The channel whose screen goes with an event; undefined where none does. */
export const channelOf = (event: StoredEvent): number | undefined =>
  isSsh(event) && 'channel' in event ? event.channel : undefined

/** What is told of such an event. All that was recorded is text of text nodes. */
export function sshContent(event: SshEvent): Html {
  switch (event.kind) {
    case 'ssh.cast':
      return cast(event)
    case 'ssh.resize':
      return html`<p class="soft">Window of channel ${event.channel}: ${event.columns} × ${event.rows}</p>`
    case 'ssh.input':
      return html`<p class="soft">
        Channel ${event.channel}:
        ${visible(inputWords(event.what))}${event.detail === null ? '' : html` (${inert(event.detail)})`}
      </p>`
    case 'ssh.exit':
      return exit(event)
    case 'ssh.file':
      return html`<p>${inert(fileLine(event).trim())}</p>`
    case 'ssh.forward':
      return html`<p>${inert(forwardLine(event).trim())}</p>`
  }
}

function cast({ channel, state, file, bytes, kept, output }: Extract<SshEvent, { kind: 'ssh.cast' }>): Html {
  if (state === 'running') return html`<p class="soft">Checkpoint: ${bytes} bytes of ${visible(file)}</p>`
  if (state === 'begun') return html`<p class="soft">Channel ${channel}: what it shows is kept from here on</p>`
  const cut = output > kept ? `; ${output - kept} more bytes were counted and hashed` : ''
  return html`<p class="soft">Channel ${channel} ended: ${kept} bytes of output kept${cut}</p>`
}

function exit(event: Extract<SshEvent, { kind: 'ssh.exit' }>): Html {
  const { statement, bytesOut, bytesErr, bytesIn, ms, pans, code } = event
  const parts = [`${bytesOut + bytesErr} bytes out`, ...(bytesIn > 0 ? [`${bytesIn} bytes in`] : []), `${ms} ms`]
  return html`<p>
    <span class="number">#${statement}</span>
    ${code === 0 ? html`<span>done</span>` : badge(visible(exitWords(event)), 'bad')}
    <span class="soft">${parts.join(' · ')}</span>
    ${pans > 0 ? html`<span class="tag bad">${pans} card ${pans === 1 ? 'number' : 'numbers'} masked</span>` : ''}
  </p>`
}
