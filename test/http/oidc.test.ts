import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createOidc } from '../../src/access/oidc.ts'
import { createOidcProvider } from '../../src/oidc/provider.ts'
import { Secret } from '../../src/std/secret.ts'
import { seedPeople } from '../store/scratch.ts'
import { organisation } from '../support/organisation.ts'
import { house } from './house.ts'

const REDIRECT = 'https://countersign.example/login/oidc/callback'
const MEMBER = { sub: 'u-1', preferred_username: 'alice', groups: ['platform'] }

/** The console before a real provider. */
async function ready(context: TestContext) {
  const org = await organisation(context, { redirectUri: REDIRECT })
  const provider = createOidcProvider({
    ...{ issuer: org.issuer, clientId: org.clientId, clientSecret: new Secret(org.clientSecret) },
    ...{ redirectUri: REDIRECT, scopes: undefined, groupsClaim: 'groups', nameClaim: 'preferred_username' },
  })
  const all = await house(context, {}, ({ store, tokens, lockout, clock }) => ({
    oidc: createOidc({
      ...{ store: store.identities, provider, tokens, lockout, clock, journal: store.journal },
      key: Buffer.alloc(32, 7),
      ...{ groups: new Map([['platform', ['engineer'] as const]]), onEnded: () => undefined },
    }),
  }))
  const leave = async (next = '') => {
    const out = await all.app.request(`https://countersign.example/login/oidc${next === '' ? '' : `?next=${next}`}`)
    return { out, cookie: out.headers.getSetCookie()[0] ?? '', location: out.headers.get('location') ?? '' }
  }
  const comeBack = async (url: URL, cookie: string) =>
    all.app.request(url.href, { headers: { cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'cross-site' } })
  return { ...all, org, leave, comeBack }
}

test('people leave for the provider and come back signed in, to where they wanted to go', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  assert.match(await (await all.app.request('/login')).text(), /href="\/login\/oidc"/)
  const { out, cookie, location } = await all.leave('/access')
  assert.equal(out.status, 303)
  assert.match(cookie, /^__Secure-countersign-oidc=v1\..*; Path=\/login\/oidc; HttpOnly; Secure; SameSite=Lax$/)
  const sent = new URL(location).searchParams
  assert.deepEqual(
    [sent.get('response_type'), sent.get('code_challenge_method'), sent.get('redirect_uri'), sent.get('scope')],
    ['code', 'S256', REDIRECT, 'openid profile email groups'],
  )
  assert.ok((sent.get('state') ?? '').length >= 32 && (sent.get('nonce') ?? '').length >= 32)
  const back = await all.comeBack(await all.org.visit(location, REDIRECT), cookie)
  assert.equal(back.status, 303)
  assert.equal(back.headers.get('location'), '/access')
  const given = back.headers.getSetCookie()
  assert.ok(given.some((line) => line.startsWith('__Host-countersign=') && line.includes('SameSite=Strict')))
  assert.ok(
    given.some((line) => line.startsWith('__Secure-countersign-oidc=;')),
    'the flow is forgotten',
  )
  const session = given.find((line) => line.startsWith('__Host-countersign='))?.split(';')[0] ?? ''
  const page = await all.app.request('/access', { headers: { cookie: session } })
  assert.match(await page.text(), /Signed in as <b>alice<\/b>/)
})

test('without the flow of the same browser nobody comes in, and no open redirect leads away', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const first = await all.leave('https:%2f%2fevil.example')
  const url = await all.org.visit(first.location, REDIRECT)
  const stolen = await all.comeBack(url, '')
  assert.equal(stolen.status, 403)
  assert.equal(
    stolen.headers.getSetCookie().some((line) => line.startsWith('__Host-countersign=')),
    false,
  )
  const other = await all.leave()
  assert.equal((await all.comeBack(url, other.cookie)).status, 403, 'a link from somebody else’s sign-in')
  assert.equal((await all.comeBack(url, first.cookie)).headers.get('location'), '/')
})

test('a refusal says why in words, and names nobody else', async (context) => {
  const all = await ready(context)
  await seedPeople(all, { bob: ['approver'] })
  const said = async (member: object) => {
    all.org.become({ ...MEMBER, ...member })
    const { location, cookie } = await all.leave()
    const back = await all.comeBack(await all.org.visit(location, REDIRECT), cookie)
    assert.equal(back.status, 403)
    return back.text()
  }
  assert.match(await said({ groups: [] }), /None of your groups has access here/)
  assert.match(await said({ preferred_username: 'bob' }), /Somebody else has your name here already/)
  const declined = await all.comeBack(
    new URL(`${REDIRECT}?error=access_denied&error_description=<script>x</script>`),
    '',
  )
  assert.doesNotMatch(await declined.text(), /<script>x/)
})

test('a provider that does not answer is said so, and there is no such route without one', async (context) => {
  const all = await ready(context)
  await all.org.vanish()
  const { out } = await all.leave()
  assert.equal(out.status, 403)
  assert.match(await out.text(), /did not confirm/)
  const plain = await house(context, {})
  assert.equal((await plain.app.request('/login/oidc')).status, 404)
  assert.doesNotMatch(await (await plain.app.request('/login')).text(), /oidc/)
})

test('the sign-in of an organisation is no fresh factor, but who has none sets up a first passkey with it', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const into = async (next: string) => {
    const { location, cookie } = await all.leave(next)
    const back = await all.comeBack(await all.org.visit(location, REDIRECT), cookie)
    const session = back.headers.getSetCookie().find((line) => line.startsWith('__Host-countersign='))
    return { cookie: session?.split(';')[0] ?? '' }
  }
  const page = async (headers: { cookie: string }) => (await all.app.request('/account', { headers })).text()
  const first = await into('/account')
  assert.match(await page(first), /Add a passkey/)
  all.clock.advance(10 * 60_000)
  assert.doesNotMatch(await page(first), /Add a passkey/, 'ten minutes later nobody knows who sits there')
  assert.match(await page(await into('/account')), /Add a passkey/)
  await all.code('alice')
  const second = await page(await into('/account'))
  assert.doesNotMatch(second, /Add a passkey/, 'who has a factor shows it')
  assert.match(second, /show first that it is you/)
})
