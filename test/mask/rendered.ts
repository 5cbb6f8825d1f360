import xterm from '@xterm/headless'

/** What a terminal shows after these bytes: its lines from the top, without blanks at their ends, soft-wrapped ones as one. */
export async function rendered(bytes: Uint8Array, size = { columns: 400, rows: 200 }): Promise<readonly string[]> {
  const terminal = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    allowProposedApi: true,
    scrollback: 10_000,
  })
  await new Promise<void>((resolve) => terminal.write(bytes, resolve))
  const { active } = terminal.buffer
  const lines: string[] = []
  for (let at = 0; at < active.length; at++) {
    const line = active.getLine(at)
    const text = line?.translateToString(true) ?? ''
    if (line?.isWrapped === true) lines.push((lines.pop() ?? '') + text)
    else lines.push(text)
  }
  terminal.dispose()
  while (lines.at(-1) === '') lines.pop()
  return lines
}
