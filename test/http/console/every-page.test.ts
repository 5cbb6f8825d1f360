import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { PEOPLE, world } from '../world.ts'
import type { World } from '../world.ts'
import { crawl, formsIn, type Reached } from './crawl.ts'
import { hostileWorld } from './hostile.ts'
import { freshCode, visitor } from './visitor.ts'

const ALSO = ['/sessions/s_abcdefghij0123456789/replay?text=x', '/evidence?report=touched&table=cards', '/account']

/** A world for the crawlers; they only look. */
const everywhere = async (made: World): Promise<readonly Reached[]> => {
  const all: Reached[] = []
  for (const { name } of PEOPLE) all.push(...(await crawl(made.app, name, name === 'carol' ? ALSO : [])))
  return all
}
const isPage = ({ headers }: Reached): boolean =>
  headers.get('content-type')?.startsWith('text/html') === true && !headers.has('content-disposition')
const pathOf = ({ path }: Reached): string => path.split('?')[0] ?? ''

/** Lists, who sees them, and the filters that their addresses hold. */
const LISTS: Readonly<Record<string, { readonly as: string; readonly filters: Readonly<Record<string, string>> }>> = {
  '/approvals': { as: 'bob', filters: { text: 'zzz', person: 'mallory', target: 'other' } },
  '/approvals/history': {
    as: 'carol',
    filters: { text: 'zzz', person: 'mallory', target: 'other', state: 'void', from: '2026-01-01T00:00' },
  },
  '/access/history': {
    as: 'carol',
    filters: { text: 'zzz', person: 'mallory', target: 'other', state: 'expired', to: '2026-12-01T00:00' },
  },
  '/access/grants': { as: 'adam', filters: { text: 'zzz', person: 'mallory', target: 'other', state: 'revoked' } },
  '/scripts': {
    as: 'bob',
    filters: { text: 'zzz', person: 'mallory', target: 'other', state: 'void', to: '2026-12-01T00:00' },
  },
  '/reviews': { as: 'dan', filters: { text: 'zzz', person: 'mallory', target: 'other', state: 'signed' } },
  '/sessions': {
    as: 'carol',
    filters: {
      person: 'nobody-of-that',
      target: 'other',
      state: 'closed',
      table: 'cards',
      column: 'pan',
      text: 'zzz',
      verdict: 'deny',
      from: '2026-01-01T00:00',
      to: '2026-12-01T00:00',
    },
  },
  '/policies': { as: 'bob', filters: { text: 'zzz', effect: 'deny', severity: 'low', kind: 'mask' } },
  '/evidence/ledger': {
    as: 'carol',
    filters: { text: 'zzz', kind: 'login', by: 'mallory', from: '2026-01-01T00:00', to: '2026-12-01T00:00' },
  },
  '/people': { as: 'adam', filters: { text: 'zzz', role: 'auditor', state: 'disabled' } },
  '/health': { as: 'adam', filters: { text: 'zzz' } },
}
/** Tables that belong to one thing which the page is about, and are no lists of their own: each one's list is named. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^\/access$/, '/access/grants and /access/history'],
  [/^\/access\/targets\/[^/]+$/, 'a handful of own passwords'],
  [/^\/people\/[^/]+$/, '/access/grants'],
  [/^\/account$/, 'own passkeys; own sessions are in /sessions'],
  [/^\/evidence$/, 'a report: asked by its own fields, exported by its own links'],
  [/^\/policies\/bench$/, 'one statement that is tried'],
]

/** What every form does in words that a person reads before the press; undefined where nothing is ended, refused or given away. */
const FORMS: Readonly<Record<string, RegExp | undefined>> = {
  '/logout': undefined,
  '/approvals/*/approve': undefined,
  '/approvals/*/deny': /does not run/,
  '/approvals/*/withdraw': /does not run: your client gets an error/,
  '/approvals/*/break-glass': /without a second person\. Everybody is told at once/,
  '/access': undefined,
  '/access/targets/*/credential': undefined,
  '/access/credentials/*/revoke': /opens nothing any more/,
  '/access/grants/*/revoke': /Ends .* access to cards now: open sessions are closed/,
  '/access-requests/*/approve': undefined,
  '/access-requests/*/deny': /No access comes of it/,
  '/access-requests/*/withdraw': /no access to cards comes of it/,
  '/scripts/*/approve': undefined,
  '/scripts/*/deny': /will not run/,
  '/scripts/*/withdraw': /Nobody can approve or run this script any more/,
  '/reviews/*/sign': undefined,
  '/sessions/*/terminate': /an open transaction is rolled back/,
  '/policies/bench': undefined,
  '/people/invite': undefined,
  '/people/proposals/*/confirm': /From now on/,
  '/people/proposals/*/reject': /Nothing changes, and the proposal is closed/,
  '/people/*/roles': /exactly these roles from now on/,
  '/people/*/reset': /Takes every second factor of .* away/,
  '/people/*/disable': /Ends the account of .* for good/,
  '/people/*/stop': /Ends every session and hold of/,
  '/health/stop': /Ends every session/,
  '/health/resume': /Lets new logins in again/,
  '/account/confirm': undefined,
  '/account/passkeys': undefined,
  '/account/passkeys/rename': undefined,
  '/account/passkeys/remove': /will open nothing any more/,
  '/account/codes': undefined,
  '/account/terminal': undefined,
  '/account/password': /signs you out everywhere/,
}

describe('every page that a person reaches by links', () => {
  let all: readonly Reached[] = []
  before(async () => {
    all = [...(await everywhere(world())), ...(await everywhere(signed())), ...(await stepped())]
  })

  test('is there, and carries the strict policy of the console', () => {
    const broken = all.filter(({ status }) => status !== 200 && status !== 303)
    assert.deepEqual(
      broken.map(({ person, path, status }) => `${status} ${path} for ${person}`),
      [],
    )
    for (const page of all.filter(isPage)) {
      const policy = page.headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'/, page.path)
      assert.doesNotMatch(policy, /unsafe/, page.path)
      assert.doesNotMatch(
        page.text,
        /\son[a-z]+="|<script(?! src="\/console\/)|<style|\sstyle="|javascript:/,
        page.path,
      )
    }
  })

  test('with a table on it is a list that can be searched and kept, or a part of one thing', () => {
    const lists = new Set(all.filter((page) => isPage(page) && page.text.includes('<table>')).map(pathOf))
    for (const path of lists) {
      const isListed = Object.hasOwn(LISTS, path) || PARTS.some(([part]) => part.test(path))
      assert.ok(isListed, `${path} has a table that no row of this test knows`)
    }
  })

  test('tells times in UTC, with room or a tooltip for the local one', () => {
    const times = all
      .filter(isPage)
      .flatMap(({ path, text }) => [...text.matchAll(/<time\b[^>]*>/g)].map(([tag]) => ({ path, tag })))
    assert.ok(times.length > 100)
    for (const { path, tag } of times) {
      assert.match(tag, /datetime="\d{4}-\d\d-\d\dT[\d:.]+Z"/, path)
      assert.match(tag, /data-(local|local-title|until)\b/, path)
    }
  })

  test('says of every form what it will do, in two steps where it cannot be taken back', () => {
    const forms = all.filter(isPage).flatMap((page) => formsIn(page).map((form) => ({ ...form, path: page.path })))
    const met = new Set(forms.map(({ kind }) => kind))
    for (const kind of met) assert.ok(Object.hasOwn(FORMS, kind), `${kind} is a form that no row of this test knows`)
    for (const { kind, path, words, html, twoSteps } of forms) {
      const says = FORMS[kind]
      if (says !== undefined) assert.match(words, says, `${kind} at ${path}`)
      if (/class="stop"/.test(html)) assert.notEqual(says, undefined, `${kind} at ${path} is red and says nothing`)
      // Denying and changing one's password ask for a reason or a factor already; everything else opens first.
      const isAsked = /\/deny$|^\/account\/password$|\/roles$/.test(kind)
      if (says !== undefined) assert.equal(twoSteps || isAsked, true, `${kind} at ${path} ends something at one press`)
      assert.match(html, /name="csrf" value="[\w-]{43}"/, `${kind} at ${path}`)
    }
    assert.deepEqual(
      Object.keys(FORMS).filter((kind) => !met.has(kind)),
      [],
      'a row of this test that no page has',
    )
  })
})

describe('every list', () => {
  for (const [path, { as, filters }] of Object.entries(LISTS))
    test(`${path} is searched by its address, says what to do where nothing fits, and is exported`, async () => {
      const browser = visitor(world().app)
      await browser.signIn(as)
      const plain = await browser.get(path)
      assert.match(plain.text, new RegExp(`<form class="filter" method="get" action="${path}" role="search"`))
      const asked = `${path}?${new URLSearchParams(filters).toString()}`
      const found = await browser.get(asked)
      assert.equal(found.status, 200)
      for (const [name, value] of Object.entries(filters)) assert.match(found.text, fieldWith(name, value), name)
      assert.match(found.text, /class="empty">\s*<p><b>[^<]+<\/b><\/p>\s*<p>[^]*?<\/p>/)
      assert.match(found.text, new RegExp(`<a[^>]* href="${path}"[^>]*>`), 'a way back to all')
      for (const [format, type] of [
        ['csv', /^text\/csv/],
        ['json', /^application\/json/],
      ] as const) {
        const link = new RegExp(`href="(${path}\\?[^"]*format=${format}[^"]*)"`)
        const href = link.exec(plain.text)?.[1]?.replaceAll('&amp;', '&')
        assert.ok(href !== undefined, `a link to ${format}`)
        const file = await browser.get(href)
        assert.match(file.headers.get('content-type') ?? '', type)
        assert.ok(file.text.length > 2)
        const kept = link.exec(found.text)?.[1]?.replaceAll('&amp;', '&') ?? href
        if (path !== '/health')
          for (const [name, value] of Object.entries(filters))
            assert.equal(
              new URL(kept, 'http://x').searchParams.get(name)?.slice(0, value.length),
              value,
              `${name} goes along`,
            )
      }
    })
})

/** A field whose value is this one, or an option of that name which is chosen. */
const fieldWith = (name: string, value: string): RegExp => {
  const text = value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`name="${name}"[^>]*value="${text}"|name="${name}"[^]*?<option value="${text}" selected`)
}

test('nothing that somebody typed, sent or named is markup on any page, or a formula in any file', async () => {
  const made = hostileWorld()
  const all = await everywhere(made)
  assert.deepEqual(made.state.faults, [])
  assert.ok(all.filter(isPage).length > 100)
  for (const page of all) {
    const type = page.headers.get('content-type') ?? ''
    if (isPage(page)) assert.doesNotMatch(page.text, /<img|<script>|<script(?! src="\/console\/)|"'>|\u202e/, page.path)
    if (type.startsWith('text/csv')) assert.doesNotMatch(page.text, /(^|,|\n)"?[=+@]/, page.path)
  }
  const hit = all.filter(({ text }) => text.includes('onerror=alert(1)')).map(pathOf)
  for (const path of [
    '/approvals',
    '/approvals/history',
    '/access',
    '/access/history',
    '/access/grants',
    '/scripts',
    '/reviews',
    '/sessions',
    '/people/mallory',
    '/health',
    '/account',
    '/evidence',
    '/evidence/ledger',
  ])
    assert.ok(
      hit.some((one) => one === path || one.startsWith(`${path}/`)),
      `${path} showed the payload as text`,
    )
})

/** The same with what there is after a denial, for those forms that only then stand there. */
function signed(): World {
  const made = world()
  const approval = [...made.state.approvals.values()][0]
  assert.ok(approval)
  made.state.approvals.set(approval.id, { ...approval, state: 'approved' })
  return made
}

/** Pages that open for a while after somebody has shown who they are. */
async function stepped(): Promise<readonly Reached[]> {
  const base = world()
  const { app } = world({ factors: { ...base.deps.factors, isEnrolled: () => Promise.resolve(false) } })
  const alice = visitor(app)
  await alice.signIn('alice')
  await alice.get('/account')
  await alice.post('/account/confirm', { totp: freshCode() })
  const found = [{ ...(await alice.get('/account')), path: '/account', person: 'alice' }]
  await alice.get('/access/targets/cards')
  await alice.post('/access/targets/cards/credential', { for: '900' })
  return [...found, { ...(await alice.get('/access/targets/cards')), path: '/access/targets/cards', person: 'alice' }]
}
