import type { Context } from 'hono'

/** Every refusal of the API: status and title. `type` is `urn:countersign:problem:<code>` and never changes its meaning. */
export const PROBLEMS = {
  invalid: { status: 400, title: 'The request is not valid' },
  'not-json': { status: 415, title: 'The body must be application/json' },
  'too-large': { status: 413, title: 'The body is too large' },
  'not-signed-in': { status: 401, title: 'A valid bearer token is required' },
  'login-refused': { status: 401, title: 'Name, password or code is wrong' },
  'password-change': { status: 403, title: 'Choose a password of your own: send it as newPassword' },
  locked: { status: 429, title: 'Too many failed attempts' },
  'too-many-logins': { status: 429, title: 'Too many logins wait to be confirmed' },
  'login-denied': { status: 403, title: 'The login was refused in the browser' },
  'login-expired': { status: 400, title: 'The login was not confirmed in time' },
  forbidden: { status: 403, title: 'Not allowed' },
  'cross-site': { status: 403, title: 'The request comes from another site' },
  'own-approval': { status: 403, title: 'Nobody countersigns their own statement' },
  'factor-refused': { status: 403, title: 'The one-time code was not accepted' },
  'password-refused': { status: 400, title: 'This password cannot be taken' },
  'passkey-refused': { status: 400, title: 'The passkey was not accepted' },
  'no-passkeys': { status: 409, title: 'Passkeys need a host name as publicUrl, not an address' },
  'too-many-passkeys': { status: 409, title: 'There are too many passkeys already' },
  'key-refused': { status: 400, title: 'The key cannot be taken' },
  'key-taken': { status: 409, title: 'The key cannot be used any more' },
  'too-many-keys': { status: 409, title: 'There are too many keys already' },
  'no-ssh': { status: 409, title: 'This server has no SSH listener' },
  'last-factor': { status: 409, title: 'It is your last factor: an admin resets it' },
  'has-codes': { status: 409, title: 'One-time codes are set up already: an admin resets them' },
  'change-refused': { status: 409, title: 'The change cannot be made' },
  'own-proposal': { status: 403, title: 'Nobody confirms what they proposed, or what is about them' },
  'no-grant': { status: 403, title: 'There is no live grant for this target' },
  'too-many': { status: 409, title: 'There are too many live credentials already' },
  'too-long': { status: 422, title: 'Access for so long is not given' },
  'asked-already': { status: 409, title: 'A request for this target is open already' },
  'too-many-requests': { status: 429, title: 'There are too many access requests already' },
  stopped: { status: 409, title: 'The kill switch is on' },
  'own-request': { status: 403, title: 'Nobody decides about their own access' },
  settled: { status: 409, title: 'It is no longer open' },
  'break-glass-refused': { status: 409, title: 'The glass cannot be broken now' },
  'script-refused': { status: 422, title: 'The script cannot be asked for' },
  'script-changed': { status: 409, title: 'The script is not what was submitted' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  decided: { status: 409, title: 'The approval is no longer open' },
  'wrong-digest': { status: 409, title: 'The digest is not that of the held statement' },
  'not-shown': { status: 409, title: 'The statement cannot be shown whole, so it cannot be approved' },
  'session-closed': { status: 409, title: 'The session has already ended' },
  broken: { status: 500, title: 'Something failed on our side' },
  'not-ready': { status: 503, title: 'Not ready' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** A refusal as a value (RFC 9457). `extras` are further members of the document, made of our own words and parsed values only. */
export class Problem {
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly extras: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, detail?: string, extras: Readonly<Record<string, unknown>> = {}) {
    this.code = code
    this.detail = detail
    this.extras = extras
  }

  /** The document itself. */
  toDocument(): Readonly<Record<string, unknown>> {
    const { status, title } = PROBLEMS[this.code]
    const detail = this.detail === undefined ? {} : { detail: this.detail }
    return { type: `urn:countersign:problem:${this.code}`, title, status, code: this.code, ...detail, ...this.extras }
  }
}

/** Answers with the problem document and its status. */
export function respondProblem(c: Context, problem: Problem): Response {
  const { status } = PROBLEMS[problem.code]
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="countersign"')
  const { retryAfterSeconds } = problem.extras
  if (typeof retryAfterSeconds === 'number') c.header('Retry-After', String(retryAfterSeconds))
  return c.body(JSON.stringify(problem.toDocument()), status, { 'Content-Type': 'application/problem+json' })
}
