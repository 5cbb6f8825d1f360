import { z } from 'zod'
import { ApprovalDetail, Approvals, ApprovalSummary, LoginAnswer, Minted, Sessions, Targets } from '../http/schemas.ts'
import type { MintBody } from '../http/schemas.ts'
import { accessCalls, type AccessCalls } from './access-calls.ts'
import { browserLoginCalls, type BrowserLoginCalls } from './browser-login.ts'
import { ReviewList, ReviewView } from '../http/review-schemas.ts'
import { Surroundings } from '../http/surroundings-schema.ts'
import { RefusedError } from './command.ts'
import { evidenceCalls, REPORT_TIMEOUT, type Download, type EvidenceCalls } from './evidence-calls.ts'
import type { Io } from './io.ts'
import { scriptCalls, type ScriptCalls } from './script-calls.ts'
import { loadProfile, profileName, profilePath } from './profile.ts'
import { sshCalls, type SshCalls } from './ssh-calls.ts'
import { stopCalls, type StopCalls } from './stop-calls.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** The API as the commands use it; every answer is checked against the schema that the server answers by. */
export interface Client {
  login(body: {
    readonly person: string
    readonly password: string
    readonly totp: string
    /** One's own, where the server asks for it with the problem `password-change`. */
    readonly newPassword?: string
  }): Promise<z.infer<typeof LoginAnswer>>
  approvals(state: string | undefined): Promise<z.infer<typeof Approvals>['approvals']>
  approval(id: string): Promise<z.infer<typeof ApprovalSeen>>
  approve(id: string, body: Decided): Promise<z.infer<typeof ApprovalSummary>>
  deny(id: string, body: Decided & { readonly reason: string }): Promise<z.infer<typeof ApprovalSummary>>
  readonly browserLogin: BrowserLoginCalls
  readonly access: AccessCalls
  sessions(filter: Readonly<Record<string, string>>): Promise<z.infer<typeof Sessions>['sessions']>
  breakGlass(
    id: string,
    body: Decided & { readonly incident: string; readonly reason: string },
  ): Promise<z.infer<typeof ApprovalSummary>>
  reviews(state?: 'open' | 'signed'): Promise<z.infer<typeof ReviewList>['reviews']>
  signReview(
    id: string,
    body: { readonly remark: string; readonly factor: string },
  ): Promise<z.infer<typeof ReviewView>>
  readonly scripts: ScriptCalls
  readonly stops: StopCalls
  readonly ssh: SshCalls
  /** Every target, and until when one may use it. */
  targets(): Promise<z.infer<typeof Targets>['targets']>
  readonly evidence: EvidenceCalls
  mint(body: z.input<typeof MintBody>): Promise<z.infer<typeof Minted>>
  /** The server's events, one JSON text each, until it or we end it. The first, `open`, is our own: from then on nothing is missed. */
  events(signal: AbortSignal): AsyncGenerator<{ readonly event: string; readonly data: string }>
}

const ApprovalSeen = z.object({ ...ApprovalDetail.shape, ...Surroundings.shape })

interface Decided {
  readonly digest: string
  readonly factor: string
}

/** What a test replaces. */
export interface Net {
  readonly fetch: Fetch
}

export const NET: Net = { fetch: (url, init) => fetch(url, init) }

const ProblemDocument = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  state: z.string().optional(),
  request: z.string().optional(),
})
const TIMEOUT = 30_000

/** The client of the person who is logged in under the profile. */
export async function profileClient(option: string | undefined, io: Io, { fetch }: Net): Promise<Client> {
  const profile = await loadProfile(profilePath(profileName(option, io.env), io.env))
  return createClient({ url: profile.url, token: profile.token, fetch })
}

export function createClient(deps: {
  readonly url: string
  readonly token: string | undefined
  readonly fetch: Fetch
}): Client {
  const call = caller(deps)
  const at = (id: string, verb = ''): string => `approvals/${encodeURIComponent(id)}${verb}`
  return {
    login: (body) => call({ method: 'POST', path: 'login', body, answer: LoginAnswer }),
    approvals: async (state) =>
      (
        await call({
          method: 'GET',
          path: state === undefined ? 'approvals' : `approvals?state=${encodeURIComponent(state)}`,
          answer: Approvals,
        })
      ).approvals,
    approval: (id) => call({ method: 'GET', path: at(id), answer: ApprovalSeen }),
    approve: (id, body) => call({ method: 'POST', path: at(id, '/approve'), body, answer: ApprovalSummary }),
    deny: (id, body) => call({ method: 'POST', path: at(id, '/deny'), body, answer: ApprovalSummary }),
    browserLogin: browserLoginCalls(call),
    access: accessCalls(call),
    sessions: async (filter) =>
      (await call({ method: 'GET', path: `sessions?${new URLSearchParams(filter).toString()}`, answer: Sessions }))
        .sessions,
    breakGlass: (id, body) => call({ method: 'POST', path: at(id, '/break-glass'), body, answer: ApprovalSummary }),
    reviews: async (state) =>
      (
        await call({
          method: 'GET',
          path: state === undefined ? 'reviews' : `reviews?state=${state}`,
          answer: ReviewList,
        })
      ).reviews,
    signReview: (id, body) =>
      call({ method: 'POST', path: `reviews/${encodeURIComponent(id)}/sign`, body, answer: ReviewView }),
    scripts: scriptCalls(call),
    stops: stopCalls(call),
    ssh: sshCalls(call),
    targets: async () => (await call({ method: 'GET', path: 'targets', answer: Targets })).targets,
    evidence: evidenceCalls(call, (path) => download(deps, path)),
    mint: (body) => call({ method: 'POST', path: 'credentials', body, answer: Minted }),
    events: (signal) => events(deps, signal),
  }
}

interface Request<T> {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly answer: z.ZodType<T>
  /** Milliseconds; by default `TIMEOUT`. */
  readonly timeout?: number
}

interface Connection {
  readonly url: string
  readonly token: string | undefined
  readonly fetch: Fetch
}

/** One call of the API; rejects with a RefusedError in the server's words. */
export type Call = <T>(request: Request<T>) => Promise<T>

function caller(connection: Connection): Call {
  return async <T>({ method, path, body, answer, timeout = TIMEOUT }: Request<T>): Promise<T> => {
    const signal = AbortSignal.timeout(timeout)
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await reach(connection, path, { method, signal, ...sent })
    const said: unknown = await response.json().catch(() => undefined)
    if (!response.ok) throw refusal(response.status, said)
    const checked = answer.safeParse(said)
    if (!checked.success) throw new RefusedError('the server answered something else than this version expects')
    return checked.data
  }
}

/** A body of text as it comes. */
async function download(connection: Connection, path: string): Promise<Download> {
  const response = await reach(connection, path, { method: 'GET', signal: AbortSignal.timeout(REPORT_TIMEOUT) })
  if (!response.ok || response.body === null)
    throw refusal(response.status, await response.json().catch(() => undefined))
  const verified = response.headers.get('Countersign-Verification') !== 'problems'
  return { verified, pieces: response.body.pipeThrough(new TextDecoderStream()) }
}

/** Redirects are errors: a token goes to the place that the person logged in to, and nowhere else. */
async function reach({ url, token, fetch }: Connection, path: string, init: RequestInit): Promise<Response> {
  const headers = {
    'Content-Type': 'application/json',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  }
  const once = (): Promise<Response> =>
    fetch(`${url.replace(/\/+$/, '')}/api/v1/${path}`, { redirect: 'error', headers, ...init })
  // A connection that was kept may be closed by the server in the moment in which it is used: what only asks is asked again, once.
  const again = (error: unknown): Promise<Response> => {
    if (init.method !== 'GET' || isAbort(error)) throw error
    return once()
  }
  try {
    return await once().catch(again)
  } catch (error) {
    if (isAbort(error)) throw error
    throw new RefusedError(`cannot reach ${url}`)
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

function refusal(status: number, said: unknown): RefusedError {
  const problem = ProblemDocument.safeParse(said)
  if (!problem.success) return new RefusedError(`the server answered with status ${status}`, { status })
  const { code, title, detail, state, request } = problem.data
  const again = code === 'not-signed-in' ? '; run: countersign login URL' : ''
  const words = detail === undefined ? title : `${title}: ${detail}`
  return new RefusedError(`${words}${again}`, {
    code,
    status,
    ...(state === undefined ? {} : { state }),
    ...(request === undefined ? {} : { request }),
  })
}

async function* events(
  connection: Connection,
  signal: AbortSignal,
): AsyncGenerator<{ readonly event: string; readonly data: string }> {
  const response = await reach(connection, 'events', { method: 'GET', signal })
  if (!response.ok || response.body === null)
    throw refusal(response.status, await response.json().catch(() => undefined))
  // What happened before this line was not told: whoever waits for something looks now.
  yield { event: 'open', data: '' }
  let rest = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const [event, data] = [/^event: (.*)$/m.exec(block)?.[1], /^data: (.*)$/m.exec(block)?.[1]]
      if (event !== undefined && data !== undefined) yield { event, data }
    }
  }
}
