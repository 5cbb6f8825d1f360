import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serve, type ServerType } from '@hono/node-server'
import type { Browser, Page } from 'playwright-core'
import { hostileWorld, PAYLOAD } from '../http/console/hostile.ts'
import { freshCode } from '../http/console/visitor.ts'
import { PEOPLE } from '../http/world.ts'
import { openBrowser, openWindow, seriousFindings, signIn } from '../support/console-browser.ts'

/** What is no page, or has no end. */
const ELSEWHERE = /[?&]format=|\/export\?|\/watch|^\/(logout|readyz|metrics|login)/
/** More pages than anybody's console has. */
const MOST = 150

describe('every page of the console, with markup in every text that somebody can choose, in Chromium', () => {
  const world = hostileWorld({ config: { publicUrl: 'http://127.0.0.1:0', postgres: { host: '127.0.0.1', port: 1 } } })
  let [browser, server, url]: [Browser | undefined, ServerType | undefined, string] = [undefined, undefined, '']
  before(async () => {
    browser = await openBrowser()
    await new Promise<void>((ready) => {
      server = serve({ fetch: (request) => made.app.fetch(request), port: 0, hostname: '127.0.0.1' }, ({ port }) => {
        url = `http://127.0.0.1:${port}`
        made = hostileWorld({ config: { ...world.deps.config, publicUrl: url } })
        ready()
      })
    })
  })
  after(async () => {
    await browser?.close()
    server?.close()
  })
  let made = world

  for (const { name } of PEOPLE.filter(({ name: one }) => !['erin', 'mallory'].includes(one)))
    test(`${name} opens everything that the console links to: nothing runs, nothing is blocked, nothing is unreadable`, async () => {
      assert.ok(browser)
      const { page, faults, dialogs, context } = await openWindow(browser, {
        width: 390,
        height: 844,
        dark: name === 'carol',
      })
      await signIn(page, { url, person: name, password: `pw-${name}`, totp: freshCode() })
      const seen = await openAll(page, url)
      assert.deepEqual([dialogs, faults], [[], []])
      assert.ok(seen.length > 8, seen.join(' '))
      await context.close()
    })
})

/** Follows every link of our own, and reads each kind of page with axe once. */
async function openAll(page: Page, url: string): Promise<readonly string[]> {
  const [waiting, known, kinds] = [['/'], new Set<string>(), new Set<string>()]
  let shown = 0
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (known.has(path) || ELSEWHERE.test(path)) continue
    known.add(path)
    assert.ok(known.size < MOST, [...known].join(' '))
    await page.goto(`${url}${path}`)
    await page.locator('h1').waitFor()
    const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
    assert.equal(wide, false, `${path} is wider than its window`)
    const { pathname } = new URL(page.url())
    const kind = pathname.replaceAll(/_[0-9a-z]{12,20}/g, '_')
    if (!kinds.has(kind)) assert.deepEqual(await seriousFindings(page), [], path)
    kinds.add(kind)
    if ((await page.innerText('body')).includes(PAYLOAD.slice(4, 30))) shown += 1
    const links: unknown = await page.evaluate(
      `[...document.querySelectorAll('a[href]')].map((one) => new URL(one.href)).filter(({ origin }) => origin === location.origin).map(({ pathname, search }) => pathname + search)`,
    )
    assert.ok(Array.isArray(links))
    waiting.push(...links.filter((link): link is string => typeof link === 'string'))
  }
  assert.ok(shown > 1, 'the payload is there, as text')
  return [...known]
}
