import { refused } from '../../session/ruling.ts'
import { attended } from './attended.ts'
import type { Call } from './call.ts'
import type { Desk } from './desk.ts'
import { settle } from './exec.ts'
import type { ShellMode } from './target.ts'
import { createStreamVeil, createTerminalVeil } from './veil.ts'

const NO_SHELL = refused('denied', 'this host takes single commands and file transfers, and no interactive shell', {
  hint: 'give the command: ssh HOST COMMAND',
})
const NO_TERMINAL = refused('denied', 'an interactive session needs a terminal', {
  hint: 'use ssh -t, or give the command: ssh HOST COMMAND',
})

export interface ShellDeps {
  readonly mode: ShellMode
  /** Our own prompt, until the person leaves it; resolves with the exit status. */
  readonly prompt: (call: Call) => Promise<number>
}

/** An interactive session, as the target's configuration has it. */
export async function serveShell(call: Call, desk: Desk, { mode, prompt }: ShellDeps): Promise<void> {
  desk.keep(call, 'an interactive session')
  const objection =
    mode === 'deny' ? NO_SHELL : mode === 'commands' && call.terminal === undefined ? NO_TERMINAL : undefined
  if (objection !== undefined) {
    desk.object('open an interactive shell', objection)
    await call.refuse(objection)
  } else if (mode === 'open') await openShell(call, desk)
  else await call.outlet.end(await prompt(call))
  call.tap?.close()
}

/** An ordinary shell: the session itself is what is held and approved, and what is done in it is recorded and judged by nobody. */
async function openShell(call: Call, desk: Desk): Promise<void> {
  const { terminal, environment } = call
  const end = await attended(call, desk, {
    ...{ frame: Buffer.from('shell'), message: 'shell', statement: { kind: 'open' } },
    veil: terminal === undefined ? createStreamVeil : createTerminalVeil,
    launch: (frame, clearance) =>
      desk.parts.upstream.shell(frame, { terminal: terminal?.options, environment }, clearance),
  })
  await settle(call, end, desk)
}
