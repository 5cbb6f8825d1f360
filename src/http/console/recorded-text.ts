import { html } from 'hono/html'
import type { RedactedText, ValueToken } from '../../model/redacted.ts'
import { visible } from '../../recording/visible.ts'
import { makeVisible } from '../visible.ts'
import type { Html } from './frame.ts'
import { pieces } from './statement-card.ts'

/** What a row of a replay shows of one text, in characters; the page of one event shows all of it. */
export const SHOWN_TEXT = 1500

/** A text of a recording: what stands in it is text and nothing else, characters that lie are marked, withheld values are marked tokens. */
export const recorded = (text: RedactedText): readonly (Html | string)[] =>
  text.flatMap((piece) => (typeof piece === 'string' ? inert(piece) : [token(piece)]))

/** The same for a plain text of a recording, which has been through the card scanner. */
export const inert = (text: string): readonly (Html | string)[] => pieces(makeVisible(text.replaceAll('\r\n', '\n')))

/** A text of the index, where what was withheld stands between guillemets and what was cut off is an ellipsis. */
export const excerpt = (text: string): readonly (Html | string)[] =>
  text.split(/([‹›]|^…|…$)/u).flatMap((part) => (['‹', '›', '…'].includes(part) ? [part] : inert(part)))

export interface Cut {
  readonly text: RedactedText
  /** Characters that are left out; 0 where it is whole. */
  readonly left: number
}

/** The beginning of a long text. A token is never cut. */
export function cut(text: RedactedText, most = SHOWN_TEXT): Cut {
  const kept: (string | ValueToken)[] = []
  let room = most
  let left = 0
  for (const piece of text) {
    const length = typeof piece === 'string' ? piece.length : 1
    if (room <= 0) left += length
    else if (length <= room) kept.push(piece)
    else if (typeof piece === 'string') {
      kept.push(piece.slice(0, room))
      left += length - room
    }
    room -= length
  }
  return { text: kept, left }
}

const WITHHELD: Readonly<Record<ValueToken['withheld'], string>> = {
  text: 'text',
  number: 'number',
  bits: 'bits',
  comment: 'comment',
  binary: 'binary',
  pan: 'card number',
}

function token({ withheld, bytes, tag, shown }: ValueToken): Html {
  if (shown !== undefined) return html`<span class="token" title="card number, masked">${visible(shown)}</span>`
  const same = tag === undefined ? '' : `; equal values have the same tag: ${visible(tag)}`
  const title = `withheld: ${WITHHELD[withheld]} of ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}${same}`
  return html`<span class="token" title="${title}">${WITHHELD[withheld]} ${bytes} B</span>`
}
