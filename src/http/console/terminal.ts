import { Hono } from 'hono'
import { z } from 'zod'
import type { BrowserRefusal, BrowserWaiting } from '../../access/browser-login.ts'
import { spendFactor } from '../fresh-factor.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { giveCookie } from './cookie.ts'
import { FACTOR_FIELDS, factorBodyOf } from './factor-fields.ts'
import { formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'
import { codeBody, PATH, PURPOSE, waitingBody } from './terminal-page.ts'

const Code = z.strictObject({ code: z.string().trim().min(1).max(40) })
const Answer = z.strictObject({ ...Code.shape, ...FACTOR_FIELDS })

const WHY: Readonly<Record<BrowserRefusal, { readonly text: string; readonly status: 403 | 404 | 429 }>> = {
  unknown: { text: 'There is no such code, or it is over or used. Ask for a new one at the terminal.', status: 404 },
  'other-person': { text: 'This was asked for somebody else. Nothing was confirmed.', status: 403 },
  slow: { text: 'Those were too many wrong codes. Wait five minutes.', status: 429 },
}

/** Signing a terminal in: the code that it shows is typed here, and whoever is signed in says yes to what asks. A look decides nothing. */
export function terminalPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get(PATH, (c) => codePage(c))
  app.post(PATH, (c) => look(c, deps))
  app.post(`${PATH}/confirm`, (c) => answer(c, 'confirm', deps))
  app.post(`${PATH}/deny`, (c) => answer(c, 'deny', deps))
  return app
}

function codePage(c: ConsoleContext, refused?: BrowserRefusal | Problem): Response | Promise<Response> {
  const { csrf } = c.get('seat')
  const [problem, status] =
    refused instanceof Problem
      ? [sentence(refused), PROBLEMS[refused.code].status]
      : refused === undefined
        ? [undefined, 200 as const]
        : [WHY[refused].text, WHY[refused].status]
  const body = codeBody({ csrf, typed: c.get('fields').get('code') ?? '', problem })
  return respondPage(c, { title: 'Sign a terminal in', active: 'account', body, self: PATH }, status)
}

async function look(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Code)
  if (form instanceof Problem) return codePage(c, form)
  const found = deps.browserLogins.look(form.code, c.get('seat').viewer.person)
  return typeof found === 'string' ? codePage(c, found) : waitingPage(c, found, { deps })
}

async function waitingPage(
  c: ConsoleContext,
  waiting: BrowserWaiting,
  { deps, problem }: { readonly deps: ConsoleDeps; readonly problem?: Problem },
): Promise<Response> {
  const { csrf, viewer, token, address, factors } = c.get('seat')
  const body = waitingBody({
    ...{ csrf, waiting, viewer: viewer.person, here: address, now: deps.now() },
    fresh: await deps.login.isRecent(token),
    hasFactors: factors.codes || factors.passkeys,
    problem: problem && sentence(problem),
  })
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title: 'Sign a terminal in', active: 'account', body, self: PATH }, status)
}

async function answer(c: ConsoleContext, kind: 'confirm' | 'deny', deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Answer)
  if (form instanceof Problem) return codePage(c, form)
  const { viewer, token, address, visit } = c.get('seat')
  const found = deps.browserLogins.look(form.code, viewer.person)
  if (kind === 'confirm' && typeof found !== 'string') {
    const problem = await unproved(c, form, deps)
    if (problem !== undefined) return waitingPage(c, found, { deps, problem })
  }
  const said = await deps.browserLogins.answer({ code: form.code, by: viewer.person, token, address, kind })
  if (said !== 'answered') return codePage(c, said)
  deps.visits.say(
    visit,
    kind === 'confirm'
      ? 'Confirmed. The terminal is signed in within some seconds; leave this sign-in open until then.'
      : 'Refused. The terminal is told so.',
  )
  return c.redirect('/account', 303)
}

/** A tab that was left open confirms nothing: it takes a sign-in of the last ten minutes, or a factor now. */
async function unproved(
  c: ConsoleContext,
  form: z.infer<typeof Answer>,
  deps: ConsoleDeps,
): Promise<Problem | undefined> {
  const { viewer, token, address, visit } = c.get('seat')
  if (await deps.login.isRecent(token)) return undefined
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return factor
  const problem = await spendFactor({ person: viewer.person, factor, purpose: PURPOSE, address }, deps.login)
  if (problem === undefined) giveCookie(c, deps.visits.rotate(visit), deps)
  return problem
}
