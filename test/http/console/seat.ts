import assert from 'node:assert/strict'
import type { World } from '../world.ts'

const HOME = { 'Sec-Fetch-Site': 'same-origin' }
const FORM = 'application/x-www-form-urlencoded'

/** A person's browser at the console of a world of fakes. */
export interface Seated {
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** The text of a page, which must be there. */
  page(path: string): Promise<string>
  /** Sends a form with the token of the sign-in. */
  post(path: string, fields: Record<string, string>): Promise<Response>
}

/** Signs in; a code is good once, so each sign-in of a test names another. */
export async function seated(app: World['app'], person: string, totp = '100001'): Promise<Seated> {
  const body = new URLSearchParams({ person, password: `pw-${person}`, totp }).toString()
  const login = await app.request('/login', { method: 'POST', headers: { 'Content-Type': FORM, ...HOME }, body })
  assert.equal(login.status, 303)
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(app.request(path, { headers: { Cookie: cookie, ...headers } }))
  const page = async (path: string): Promise<string> => {
    const response = await get(path)
    assert.equal(response.status, 200, path)
    return response.text()
  }
  return {
    get,
    page,
    async post(path, fields) {
      const csrf = /name="csrf" value="([^"]+)"/.exec(await page('/sessions'))?.[1] ?? ''
      const form = new URLSearchParams({ csrf, ...fields }).toString()
      const headers = { 'Content-Type': FORM, Cookie: cookie, ...HOME }
      return app.request(path, { method: 'POST', headers, body: form })
    },
  }
}
