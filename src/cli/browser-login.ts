import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { BrowserBegunAnswer, BrowserTakenAnswer } from '../http/browser-login.ts'
import type { LoginAnswer } from '../http/schemas.ts'
import type { Call } from './client.ts'
import type { Io } from './io.ts'
import { terminalLine } from './terminal.ts'

/** The API of signing in through a browser. */
export interface BrowserLoginCalls {
  begin(body: { readonly client: string; readonly person?: string }): Promise<z.infer<typeof BrowserBegunAnswer>>
  take(deviceCode: string): Promise<z.infer<typeof BrowserTakenAnswer>>
}

export const browserLoginCalls = (call: Call): BrowserLoginCalls => ({
  begin: (body) => call({ method: 'POST', path: 'login/browser', body, answer: BrowserBegunAnswer }),
  take: (deviceCode) =>
    call({ method: 'POST', path: 'login/browser/token', body: { deviceCode }, answer: BrowserTakenAnswer }),
})

/** How long to wait, in milliseconds. What a test replaces. */
export type Pause = (ms: number) => Promise<unknown>
export const PAUSE: Pause = (ms) => sleep(ms)

/** Longest name of this machine that is told to the server. */
const MAX_CLIENT = 60
/** RFC 8628, 3.5: whoever is told to slow down waits five seconds more from then on. */
const SLOWER_MS = 5000

/** Shows a code, and waits until somebody has confirmed it in a browser. What is for the person goes to `err`. */
export async function loginByBrowser(
  calls: BrowserLoginCalls,
  { person, io, pause }: { readonly person: string | undefined; readonly io: Io; readonly pause: Pause },
): Promise<z.infer<typeof LoginAnswer>> {
  const client = `countersign on ${hostname()}`.slice(0, MAX_CLIENT)
  const begun = await calls.begin({ client, ...(person === undefined ? {} : { person }) })
  io.err(`${terminalLine(`Open ${begun.link} in a browser, sign in there, and type this code:`)}\n`)
  io.err(`\n    ${terminalLine(begun.userCode)}\n\n${terminalLine(`Waiting for it until ${begun.expiresAt}`)}\n`)
  let wait = begun.intervalSeconds * 1000
  for (;;) {
    await pause(wait)
    const { state, login } = await calls.take(begun.deviceCode)
    if (login !== null) return login
    if (state === 'slow-down') wait += SLOWER_MS
  }
}
