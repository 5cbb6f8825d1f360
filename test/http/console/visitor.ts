import type { World } from '../world.ts'

/** What a browser sends with a form of our own page under `Referrer-Policy: no-referrer`. */
export const HOME: Readonly<Record<string, string>> = { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }
export const FORM = 'application/x-www-form-urlencoded'

export interface Seen {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  readonly location: string | null
}

/** A browser without script: one cookie, and the forms of the page that it looked at last. */
export interface Visitor {
  /** As `name=value`, or empty. */
  cookie: string
  readonly csrf: string
  get(path: string, headers?: Record<string, string>): Promise<Seen>
  /** The token of the last page goes along unless `fields` has its own. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Seen>
  signIn(person: string, options?: { readonly next?: string; readonly code?: string }): Promise<Seen>
}

let codes = 100_000

/** A code that the fake login takes, once. */
export const freshCode = (): string => String((codes += 1))

export function visitor(app: World['app']): Visitor {
  let csrf = ''
  const seen = async (response: Response, self: Visitor): Promise<Seen> => {
    const cookie = response.headers.get('set-cookie')?.split(';')[0]
    if (cookie !== undefined) self.cookie = cookie
    const text = await response.text()
    csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? csrf
    return { status: response.status, text, headers: response.headers, location: response.headers.get('location') }
  }
  const self: Visitor = {
    cookie: '',
    get csrf() {
      return csrf
    },
    get: async (path, headers = {}) =>
      seen(await app.request(path, { headers: { Cookie: self.cookie, ...headers } }), self),
    async post(path, fields, headers = HOME) {
      const body = new URLSearchParams({ ...(csrf === '' ? {} : { csrf }), ...fields }).toString()
      const sent = { 'Content-Type': FORM, Cookie: self.cookie, ...headers }
      return seen(await app.request(path, { method: 'POST', headers: sent, body }), self)
    },
    async signIn(person, { next, code = freshCode() } = {}) {
      const body = new URLSearchParams({
        person,
        password: `pw-${person}`,
        totp: code,
        ...(next !== undefined && { next }),
      })
      const headers = { 'Content-Type': FORM, Cookie: self.cookie, ...HOME }
      return seen(await app.request('/login', { method: 'POST', headers, body: body.toString() }), self)
    },
  }
  return self
}
