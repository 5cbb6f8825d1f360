import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { personName } from '../../src/model/ids.ts'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { runClient, startClient, without } from '../support/clients.ts'
import { openBrowser, openWindow, seriousFindings, type Window } from '../support/console-browser.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const PAYLOAD = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>`
const QUIET = ['-X', '-q', '-A', '-t']

describe('access, people, account and health in the console', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  let browser: Browser
  const windows: Window[] = []
  before(async () => {
    ;[stage, browser] = await Promise.all([testStage(), openBrowser()])
  })
  after(async () => {
    await browser.close()
    await stage.stop()
  })

  const open = async (options = {}): Promise<Window> => {
    const window = await openWindow(browser, options)
    windows.push(window)
    return window
  }
  const signIn = async (page: Page, who: ApiPerson, at = '/'): Promise<void> => {
    await page.goto(`${who.url}${at}`)
    await page.fill('input[name=person]', who.name)
    await page.fill('input[name=password]', `${who.name}-and-a-long-password-1`)
    await page.fill('input[name=totp]', await who.code())
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForSelector('nav#menu', { state: 'attached' })
  }

  test('an engineer asks, an approver shortens and approves, psql works, and giving it back ends the session', async () => {
    const [ella, otto] = [
      await apiPerson(stage.stage, 'ella', ['engineer']),
      await apiPerson(stage.stage, 'otto', ['approver']),
    ]
    const { grants } = stage.stage.app.access
    const actor = { by: 'test', origin: 'local' }
    for (const { id } of await grants.liveOf(personName('ella'))) await grants.revoke(id, actor, 'none yet')
    const [asking, deciding] = [await open(), await open({ width: 390, height: 844 })]
    await signIn(asking.page, ella, '/access')
    await asking.page.getByText('You may reach nothing now.').waitFor()
    await signIn(deciding.page, otto, '/access')
    await asking.page.getByLabel('Target').selectOption('cards')
    await asking.page.getByLabel('For how long').selectOption('2h')
    await asking.page.getByLabel(/^Reason/).fill(`a stuck payment ${PAYLOAD}`)
    await asking.page.getByLabel(/^Ticket/).fill('OPS-12')
    await asking.page.getByRole('button', { name: 'Ask', exact: true }).click()
    await asking.page.getByText(/^Asked/).waitFor()
    await deciding.page.getByRole('link', { name: 'ella wants cards for 2h' }).click()
    await deciding.page.getByText('a stuck payment').waitFor()
    assert.deepEqual(await seriousFindings(deciding.page), [])
    await deciding.page.getByLabel('For how long').selectOption('30m')
    await deciding.page.locator('form[action$="/approve"] input[name=totp]').fill(await otto.code())
    await deciding.page.getByRole('button', { name: 'Approve: cards for ella' }).click()
    await deciding.page.getByText('ella may reach cards now.').waitFor()
    await asking.page.getByRole('link', { name: 'How to connect' }).click()
    assert.match(await asking.page.innerText('#psql'), /-U ella@cards cards$/)
    await asking.page.getByRole('button', { name: 'Show me a password' }).click()
    const dsn = await asking.page.innerText('#dsn')
    const one = await runClient('psql', [...QUIET, dsn, '-c', 'SELECT count(*) > 0 FROM cards'], {})
    assert.equal(one.out.trim(), 't', one.err)
    const live = startClient('psql', [...QUIET, dsn], {})
    live.type('SELECT 40 + 2;\nSELECT pg_sleep(50);\n')
    live.close()
    await live.more()
    await asking.page.goto(`${ella.url}/access`)
    await asking.page.getByText('Give it back…').click()
    await asking.page.getByText(/open sessions are closed/).waitFor()
    await asking.page.getByRole('button', { name: 'Give it back', exact: true }).click()
    await asking.page.getByText(/Access of ella to cards has ended/).waitFor()
    assert.match((await live.ended).err, /canceling statement|terminating connection/)
    assert.deepEqual([...asking.dialogs, ...deciding.dialogs], [])
  })

  test('an admin invites somebody, and disables somebody after reading what that does', async () => {
    const admin = await apiPerson(stage.stage, 'ada', ['admin'])
    await apiPerson(stage.stage, 'gone', ['engineer'])
    const { page } = await open()
    await signIn(page, admin, '/people')
    await page.getByLabel('Name, as they will sign in').fill('newcomer')
    await page.getByRole('checkbox', { name: /^engineer/ }).check()
    await page.locator('form[action="/people/invite"] input[name=totp]').fill(await admin.code())
    await page.getByRole('button', { name: 'Make the link' }).click()
    assert.match(await page.innerText('#link'), /\/welcome\/[A-Za-z0-9_-]{43}$/)
    await page.goto(`${admin.url}/people/gone`)
    await page.getByText('Disable gone…').click()
    await page.getByText(/Ends the account of gone for good/).waitFor()
    const form = page.locator('form[action="/people/gone/disable"]')
    await form.locator('input[name=totp]').fill(await admin.code())
    await form.getByRole('button', { name: 'Disable gone' }).click()
    await page.getByText('gone is disabled').waitFor()
  })

  const PAGES: Readonly<Record<string, readonly string[]>> = {
    kim: [
      '/approvals',
      '/approvals/history',
      '/scripts',
      '/reviews',
      '/access',
      '/access/history',
      '/access/grants',
      '/access/targets/cards',
      '/account',
      '/account/terminal',
      '/policies',
    ],
    max: [
      '/people',
      '/people/alice',
      '/health',
      '/access/grants',
      '/evidence',
      '/evidence/ledger',
      '/policies/bench',
      '/account',
      '/approvals',
      '/people/nobody',
      '/access/nothing',
    ],
  }
  for (const [name, paths] of Object.entries(PAGES))
    for (const options of [{ width: 390, height: 844 }, { dark: true }])
      test(`pages of ${name} have no serious finding and fit ${JSON.stringify(options)}`, async () => {
        const roles = name === 'kim' ? (['approver', 'engineer'] as const) : (['admin', 'security'] as const)
        const who = await apiPerson(stage.stage, `${name}-${'dark' in options ? 'dark' : 'phone'}`, roles)
        const { page } = await open(options)
        await page.goto(`${who.url}/login`)
        assert.deepEqual(await seriousFindings(page), [], '/login')
        await signIn(page, who)
        for (const path of paths) {
          await page.goto(`${who.url}${path}`)
          await page.locator('h1').waitFor()
          assert.deepEqual(await seriousFindings(page), [], path)
          const viewport = page.viewportSize() ?? { width: 1280, height: 800 }
          for (const width of 'dark' in options ? [viewport.width, 1200, 800] : [viewport.width]) {
            await page.setViewportSize({ ...viewport, width })
            const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
            assert.equal(wide, false, `${path} is wider than a window of ${width}`)
          }
          await page.setViewportSize(viewport)
        }
      })

  test('no page broke the content policy, and no script failed', () => {
    const faults = windows.flatMap((one) => one.faults).filter((line) => !/status of 404/.test(line))
    assert.deepEqual(faults, [])
  })
})
