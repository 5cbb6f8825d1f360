import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Mark, VisiblePiece } from '../http/visible.ts'
import { printedMark } from '../http/visible.ts'

/**
 * Text from elsewhere as a terminal may have it: whatever is no ordinary character stands as `\u{1b}`, line ends stay. Even our own server's answers
 * pass through it, because what they quote was typed by somebody.
 */
export function terminalText(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign === '\n' ? sign : `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** One line of it. */
export const terminalLine = (text: string): string => terminalText(text).replaceAll('\n', '\\n')

/** A statement with its marks: in reverse video for a person, in brackets alone for a pipe. */
export function terminalPieces(pieces: readonly VisiblePiece[], isTty: boolean): string {
  return pieces.map((piece) => (typeof piece === 'string' ? terminalText(piece) : marked(piece, isTty))).join('')
}

function marked(mark: Mark, isTty: boolean): string {
  const text = terminalLine(printedMark(mark))
  return isTty ? `\u001b[7m${text}\u001b[0m` : text
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/** Asks on a terminal; with `hidden` nothing typed is echoed. Rejects when the person leaves with Ctrl-C or Ctrl-D. */
export function createAsk({
  input,
  output,
}: Terminal): (question: string, options: { readonly hidden: boolean }) => Promise<string> {
  return async (question, { hidden }) => {
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input, output: hidden ? silent : output, terminal: true })
    const left = new AbortController()
    lines.on('SIGINT', () => left.abort())
    lines.on('close', () => left.abort())
    if (hidden) output.write(question)
    try {
      return await lines.question(hidden ? '' : question, { signal: left.signal })
    } finally {
      lines.close()
      if (hidden) output.write('\n')
    }
  }
}
