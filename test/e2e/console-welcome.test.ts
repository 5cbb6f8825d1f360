import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { startApp, type App } from '../../src/app.ts'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import { NET } from '../../src/cli/client.ts'
import { run as login } from '../../src/cli/login.ts'
import { VERSION } from '../../src/cli/version.ts'
import { loadConfig } from '../../src/config/load.ts'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { personName } from '../../src/model/ids.ts'
import { systemClock } from '../../src/std/clock.ts'
import { createLog } from '../../src/wiring/log.ts'
import { openBrowser, openWindow, seriousFindings } from '../support/console-browser.ts'

const PASSWORD = 'a fine password 1'
const SHOTS = process.env['COUNTERSIGN_SHOTS']
const ACTOR = { by: 'local:root', origin: 'local' }

describe('the first people of a node, in a real browser', () => {
  let app: App
  let browser: Browser
  let url = ''
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-welcome-'))
  before(async () => {
    url = `http://localhost:${await freePort()}`
    const file = path.join(folder, 'countersign.yaml')
    writeFileSync(
      file,
      `publicUrl: ${url}
listen: { postgres: 127.0.0.1:0, http: "127.0.0.1:${new URL(url).port}" }
data: ./data
policies: ${path.resolve('policies')}
targets:
  cards: { protocol: postgres, address: 127.0.0.1:1, database: cards, user: app, password: { env: P }, tls: off, tags: [cde] }
`,
    )
    const config = loadConfig(file, { P: 'made up' })
    const log = createLog({ level: 'info', file: path.join(folder, 'log') })
    const started = startApp({ config, clock: systemClock, log, version: VERSION, onFatal: () => undefined })
    ;[app, browser] = await Promise.all([started, openBrowser()])
  })
  after(async () => {
    await browser.close()
    await app.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A device that verifies its owner without asking, as far as the browser can tell. */
  async function withDevice(page: Page): Promise<void> {
    const debug = await page.context().newCDPSession(page)
    await debug.send('WebAuthn.enable')
    await debug.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    })
  }

  const shot = async (page: Page, name: string): Promise<void> => {
    if (SHOTS !== undefined) await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true })
  }

  /** Whoever has a passkey alone signs a terminal in: the code that it shows is typed where one is signed in. */
  async function terminal(page: Page, name: string): Promise<void> {
    const told = { out: '', err: '' }
    const io = {
      ...{ out: (text: string) => void (told.out += text), err: (text: string) => void (told.err += text) },
      ...{ isTty: false, env: { XDG_CONFIG_HOME: folder } },
    }
    const shows = Promise.withResolvers<string>()
    const pause = (): Promise<void> => {
      shows.resolve(/^ +([A-Z]{4}-[A-Z]{4})$/m.exec(told.err)?.[1] ?? '')
      return sleep(5000)
    }
    const waiting = login([url, '--browser', '--person', name], io, { ...NET, pause })
    const code = await shows.promise
    await page.goto(`${url}/terminal`)
    await page.getByRole('heading', { name: 'Sign a terminal in' }).waitFor()
    await shot(page, 'terminal-code')
    await page.getByLabel('Code').fill(code.toLowerCase())
    await page.getByRole('button', { name: 'Look at it' }).click()
    await page.getByText(code).waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    await page.setViewportSize({ width: 390, height: 844 })
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), false)
    await shot(page, 'terminal-phone')
    await page.setViewportSize({ width: 1280, height: 800 })
    await shot(page, 'terminal-desktop')
    await page.getByRole('button', { name: 'Sign it in' }).click()
    await page.getByText('Confirmed. The terminal is signed in').waitFor()
    assert.equal(await waiting, 0, told.err)
    assert.match(told.out, new RegExp(`${name} is logged in \\(admin\\)`))
    const { token } = JSON.parse(readFileSync(path.join(folder, 'countersign', 'default.json'), 'utf8')) as Saved
    const me = await fetch(`${url}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })
    assert.deepEqual(await me.json(), { person: name, roles: ['admin'] })
  }

  interface Saved {
    readonly token: string
  }

  test('the first admin sets up a password and a passkey from the link, and signs in with the passkey alone', async () => {
    const { page, faults, dialogs } = await openWindow(browser)
    await withDevice(page)
    const made = (await app.access.invites.first(ACTOR)) ?? assert.fail('no invite')
    const link = `${url}/welcome/${made.token.reveal()}`
    await page.goto(link)
    assert.deepEqual(await seriousFindings(page), [])
    await shot(page, 'welcome-name')
    await page.getByLabel(/Your name here/).fill('ada')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('heading', { name: 'Welcome, ada' }).waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    await shot(page, 'welcome-desktop')
    await page.getByLabel(/A password/).fill(PASSWORD)
    await page.getByLabel('The same again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Use a passkey instead' }).click()
    await page.getByRole('heading', { name: 'You are all set, ada' }).waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    await shot(page, 'welcome-done')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForSelector('nav#menu', { state: 'attached' })
    await page.goto(`${url}/account`)
    await page.getByText('first passkey').first().waitFor()
    await shot(page, 'account-with-passkey')
    await terminal(page, 'ada')
    const again = await page.goto(link)
    assert.equal(again?.status(), 404)
    assert.deepEqual(dialogs, [])
    assert.deepEqual(
      faults.filter((fault) => !fault.includes('404')),
      [],
      'nothing that the content policy forbids',
    )
  })

  test('somebody who is invited sets up an app on a phone, with a slip on the way', async () => {
    const { page, faults } = await openWindow(browser, { width: 390, height: 844, dark: true })
    const made = await app.access.invites.invite({ person: personName('eve'), roles: ['engineer', 'auditor'] }, ACTOR)
    await page.goto(`${url}/welcome/${made?.token.reveal() ?? ''}`)
    await page.getByText('the roles engineer, auditor').waitFor()
    await shot(page, 'welcome-phone')
    const setUp = async (again: string): Promise<void> => {
      await page.getByLabel(/A password/).fill(PASSWORD)
      await page.getByLabel('The same again').fill(again)
      const secret = fromBase32(await page.locator('#secret').innerText()) ?? assert.fail('no secret')
      await page.getByLabel(/The code that the app shows/).fill(codeAt(secret, Date.now()))
      await page.getByRole('button', { name: 'Set up' }).click()
    }
    await setUp('another password 1')
    await page.getByText('The two passwords differ.').waitFor()
    await setUp(PASSWORD)
    await page.getByRole('heading', { name: 'You are all set, eve' }).waitFor()
    assert.deepEqual((await app.access.people.find(personName('eve')))?.roles, ['engineer', 'auditor'])
    assert.deepEqual(
      faults.filter((fault) => !fault.includes('400')),
      [],
    )
  })
})
