import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { ORIGIN } from '../access/entry.ts'
import { admin } from '../store/scratch.ts'
import { Authenticator } from '../support/authenticator.ts'
import { HOME, house } from './house.ts'

type House = Awaited<ReturnType<typeof house>>
const PASSWORD = 'my own password 1'

async function linkOf(all: House): Promise<string> {
  const made = await all.invites.first(admin)
  return `/welcome/${made?.token.reveal() ?? assert.fail('no invite')}`
}

function post(all: House, path: string, form: Record<string, string>) {
  return posted(all, path, { form, headers: HOME })
}

function posted(
  all: House,
  path: string,
  { form, headers }: { form: Record<string, string>; headers: Record<string, string> },
) {
  const body = new URLSearchParams(form).toString()
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  return Promise.resolve(all.app.request(path, { method: 'POST', headers: { ...type, ...headers }, body }))
}

/** What the page's form sends after a person has typed the secret into an app. */
function formOf(all: House, page: string, more: Record<string, string> = {}): Record<string, string> {
  const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? assert.fail('no ticket')
  const secret = fromBase32(/id="secret">([^<]+)</.exec(page)?.[1] ?? '') ?? assert.fail('no secret')
  const name = /name="name" value="([^"]*)"/.exec(page)?.[1] ?? ''
  const totp = codeAt(secret, all.clock.now())
  return { name, password: PASSWORD, again: PASSWORD, ticket, totp, passkey: '', ...more }
}

test('the first admin follows the link, chooses name, password and app, and is told to sign in', async (context) => {
  const all = await house(context, {})
  const link = await linkOf(all)
  const first = await all.app.request(link)
  assert.match(await first.text(), /first administrator[^]*name="name"/)
  const page = await (await all.app.request(`${link}?name=ada`)).text()
  assert.match(page, /Welcome, ada[^]*the role admin[^]*<svg [^]*<path d="M4 4h[^]*otpauth:\/\/totp\//)
  const done = await post(all, link, formOf(all, page))
  assert.equal(done.status, 200)
  assert.match(await done.text(), /all set, ada/)
  const gone = await all.app.request(link)
  assert.equal(gone.status, 404)
  assert.equal((await post(all, link, formOf(all, page, { name: 'mallory' }))).status, 404)
})

test('a passkey takes the place of the app', async (context) => {
  const all = await house(context, {})
  const link = await linkOf(all)
  const page = await (await all.app.request(`${link}?name=ada`)).text()
  assert.match(page, new RegExp(`data-passkey="${link}/options"`))
  const asked = await all.app.request(`${link}/options`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...HOME },
    body: JSON.stringify({ name: 'ada' }),
  })
  const options = (await asked.json()) as Parameters<Authenticator['create']>[0]
  const passkey = JSON.stringify(new Authenticator(ORIGIN).create(options))
  const done = await post(all, link, formOf(all, page, { totp: '', passkey }))
  assert.match(await done.text(), /all set, ada/)
})

test('looking uses nothing up, whoever looks and however often', async (context) => {
  const all = await house(context, {})
  const link = await linkOf(all)
  const looks = Array.from({ length: 20 }, (_, n) =>
    all.app.request(link, {
      method: n % 2 === 0 ? 'GET' : 'HEAD',
      headers: { 'User-Agent': 'Slackbot-LinkExpanding 1.0' },
    }),
  )
  for (const look of looks) assert.equal((await look).status, 200)
  const page = await (await all.app.request(`${link}?name=ada`)).text()
  assert.equal((await post(all, link, formOf(all, page))).status, 200)
})

test('what is wrong is said, nothing is used up, and no password comes back', async (context) => {
  const all = await house(context, {})
  const link = await linkOf(all)
  const page = await (await all.app.request(`${link}?name=ada`)).text()
  const tried = async (more: Record<string, string>) => {
    const answer = await post(all, link, formOf(all, page, more))
    const text = await answer.text()
    assert.doesNotMatch(text, /my own password/)
    return { status: answer.status, said: /role="alert">([^<]*)</.exec(text)?.[1] ?? '' }
  }
  assert.match((await tried({ again: 'another password 1' })).said, /two passwords differ/)
  assert.match((await tried({ password: 'short 1', again: 'short 1' })).said, /at least 12 characters/)
  assert.match((await tried({ totp: '000000' })).said, /not the one that the app shows/)
  assert.match((await tried({ totp: '', passkey: '{"id":1}' })).said, /A code of the app or a passkey/)
  assert.match((await tried({ name: '<script>' })).said, /name is 1 to 32/)
  assert.equal((await tried({ extra: '1' })).status, 400)
  assert.equal((await post(all, link, formOf(all, page))).status, 200)
})

test('the page comes with the console’s headers, and another site cannot post its form', async (context) => {
  const all = await house(context, {})
  const link = await linkOf(all)
  const response = await all.app.request(`${link}?name=ada`)
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const page = await response.text()
  const elsewhere: Record<string, string>[] = [
    {},
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of elsewhere)
    assert.equal((await posted(all, link, { form: formOf(all, page), headers })).status, 403)
  assert.equal(await all.invites.look(link.slice('/welcome/'.length)).then((found) => found?.purpose), 'first-admin')
})

test('wrong tokens of every form are one answer', async (context) => {
  const all = await house(context, { ada: ['admin'] })
  for (const token of ['x', 'x'.repeat(43), '..%2f..%2flogin', '%00', "'--", 'a'.repeat(4000)]) {
    const response = await all.app.request(`/welcome/${token}`)
    assert.equal(response.status, 404, token)
  }
})
