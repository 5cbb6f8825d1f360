import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { startClient, without, type Client } from '../support/clients.ts'
import { openBrowser, openWindow, seriousFindings, type Window } from '../support/console-browser.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const PAYLOAD = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>`
const PHONE = { width: 390, height: 844 }

describe('approvals in the console, with psql waiting', { skip: without('psql', '--version') }, () => {
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
  const approver = (name: string): Promise<ApiPerson> => apiPerson(stage.stage, name, ['approver'])
  const psql = (sql: string): Client => startClient('psql', ['-X', '-q', '-A', '-t', '-c', sql], stage.env)
  const fill = async (page: Page, who: ApiPerson): Promise<void> => {
    await page.fill('input[name=person]', who.name)
    await page.fill('input[name=password]', `${who.name}-and-a-long-password-1`)
    await page.fill('input[name=totp]', await who.code())
  }
  const signIn = async (page: Page, who: ApiPerson, at = '/'): Promise<void> => {
    await page.goto(`${who.url}${at}`)
    await fill(page, who)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForSelector('nav#menu', { state: 'attached' })
  }

  test('from the link of a message: sign in with a code, read, approve, on a phone and within ten seconds', async () => {
    const who = await approver('rita')
    const client = psql('UPDATE payments SET amount = amount')
    const { id, link } = await stage.held('UPDATE payments')
    const { page } = await open(PHONE)
    const code = who.code()
    await code
    const began = Date.now()
    await page.goto(link)
    await fill(page, { ...who, code: () => code })
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: /alice wants to run UPDATE on public.payments/ }).waitFor()
    assert.match(await page.innerText('pre'), /UPDATE payments SET amount = amount/)
    assert.deepEqual(await seriousFindings(page), [])
    await page.getByLabel(/I have read it to the end/).check()
    await page.getByRole('button', { name: 'Approve: UPDATE on public.payments' }).click()
    await page.getByText("You approved it. It runs in alice's session now.").waitFor()
    const { status, err } = await client.ended
    assert.equal(status, 0, err)
    assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`)
    await stage.reaches(id, 'done')
    await page.getByText(/rita approved it at/).waitFor()
  })

  test('a denial in another tab reaches this one by itself, and the button that was left there decides nothing', async () => {
    const [one, other] = [await approver('sven'), await approver('tara')]
    const client = psql('DELETE FROM payments')
    const { link } = await stage.held('DELETE FROM payments')
    const [left, right] = [await open(), await open()]
    await signIn(left.page, one, new URL(link).pathname)
    await signIn(right.page, other, new URL(link).pathname)
    // This tab hears nothing any more: it is stale when its button is pressed.
    await left.context.route('**/console/events', (route) => route.abort())
    await left.page.reload()
    await right.page.getByLabel(/Reason/).fill('not before the backup')
    await right.page.getByRole('button', { name: 'Deny' }).click()
    await right.page.getByText('You denied it.').waitFor()
    const { status, err } = await client.ended
    assert.equal(status, 1)
    assert.match(err, /tara declined to countersign this statement: not before the backup/)
    await left.page.getByLabel(/I have read it to the end/).check()
    await left.page.getByRole('button', { name: /^Approve/ }).click()
    await left.page.getByText(/Nothing was decided now. tara denied it at .*not before the backup/).waitFor()
    // Its requests were cut on purpose, which is no fault of the page.
    windows.splice(windows.indexOf(left), 1)
    await left.context.close()
  })

  test('what begins to wait appears by itself, and the number beside the menu with it', async () => {
    const who = await approver('uma')
    const { page } = await open()
    await signIn(page, who, '/approvals')
    await page.getByText('Nothing waits for you.').waitFor()
    const client = psql('UPDATE payments SET amount = 1')
    await page.getByRole('link', { name: 'alice: UPDATE on public.payments' }).waitFor()
    await page.locator('nav .count', { hasText: '1' }).waitFor()
    client.signal('SIGINT')
    assert.equal((await client.ended).status, 1)
    await page.getByText('Nothing waits for you.').waitFor()
  })

  test('a passkey is added, signs in and countersigns; without the device nothing happens', async () => {
    const who = await approver('vera')
    const { page, context } = await open()
    const cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: true },
      },
    })
    await signIn(page, who)
    await page.goto(`${who.url}/account`)
    await page.locator('form[action="/account/confirm"] input[name=totp]').fill(await who.code())
    await page.getByRole('button', { name: 'It is me' }).click()
    await page.getByLabel(/Name of the new passkey/).fill('phone <b>1</b>')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('phone <b>1</b> is added.').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    const client = psql('DELETE FROM payments')
    const { link } = await stage.held('DELETE FROM payments')
    await page.goto(`${who.url}/login`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL('**/approvals')
    await page.goto(link)
    await page.getByLabel(/I have read it to the end/).check()
    const approve = page.locator('form[action$="/approve"]')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await approve.getByRole('button', { name: 'Use a passkey instead' }).click()
    await approve.getByText(/The passkey was not used/).waitFor()
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await approve.getByRole('button', { name: 'Use a passkey instead' }).click()
    await page.getByText('You approved it.').waitFor()
    assert.equal((await client.ended).status, 0)
  })

  test('keyboard alone: sign in, find what waits, read, deny', async () => {
    const who = await approver('wanda')
    const client = psql('UPDATE payments SET amount = 2')
    await stage.held('UPDATE payments SET amount = 2')
    const { page } = await open()
    await page.goto(`${who.url}/approvals`)
    // A person looks where the cursor stands before the first key.
    await page.locator('input[name=person]:focus').waitFor()
    for (const text of [who.name, `${who.name}-and-a-long-password-1`, await who.code()]) {
      await page.keyboard.type(text)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Approvals' }).waitFor()
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'Skip to content')
    await page.keyboard.press('Enter')
    await tabTo(page, /^alice: UPDATE/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /alice wants to run/ }).waitFor()
    await tabTo(page, 'reason')
    await page.keyboard.type('typed by keyboard')
    await tabTo(page, 'totp')
    await page.keyboard.type(await who.code())
    await page.keyboard.press('Enter')
    await page.getByText('You denied it.').waitFor()
    assert.match((await client.ended).err, /typed by keyboard/)
  })

  test('markup in a statement, in names and in reasons stays text everywhere', async () => {
    const [who, other] = [await approver('xenia'), await approver('yann')]
    const client = psql(`UPDATE payments SET currency = $p$${PAYLOAD}$p$ /* ${PAYLOAD} */`)
    const { link, id } = await stage.held('UPDATE payments SET currency')
    const { page, dialogs } = await open()
    await signIn(page, who, new URL(link).pathname)
    const pre = page.locator('section pre').first()
    await pre.waitFor()
    assert.ok((await page.innerText('main')).includes('onerror=alert(1)'))
    await page.getByLabel(/Reason/).fill(PAYLOAD)
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByText('You denied it.').waitFor()
    assert.match((await client.ended).err, /onerror=alert/)
    const second = await open()
    await signIn(second.page, other, `/approvals/${id}`)
    await second.page.getByText(`xenia denied it`).waitFor()
    await second.page.goto(
      `${who.url}/approvals/history?text=${encodeURIComponent(PAYLOAD)}&person=${encodeURIComponent(PAYLOAD)}`,
    )
    await second.page.getByText('No approval fits.').waitFor()
    assert.deepEqual([...dialogs, ...second.dialogs], [])
  })

  test('a link in a chat leads a signed-in approver straight to it, though the strict cookie stays at home', async () => {
    const who = await approver('zoe')
    const client = psql('UPDATE payments SET amount = 3')
    const { link } = await stage.held('UPDATE payments SET amount = 3')
    const chat = createServer((_, answer) => {
      answer.setHeader('Content-Type', 'text/html')
      answer.end(`<a href="${link}">Countersign</a>`)
    })
    await new Promise<void>((done) => chat.listen(0, '127.0.0.1', done))
    const address = chat.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { page } = await open()
    await signIn(page, who)
    await page.goto(`http://127.0.0.1:${address.port}/`)
    await page.getByRole('link', { name: 'Countersign' }).click()
    await page.getByRole('heading', { name: /alice wants to run UPDATE/ }).waitFor()
    assert.equal(page.url(), link)
    await new Promise((done) => chat.close(done))
    client.signal('SIGINT')
    await client.ended
  })

  test('a tab whose sign-in ended says so and keeps what was typed', async () => {
    const who = await approver('abel')
    const client = psql('UPDATE payments SET amount = 4')
    const { link } = await stage.held('UPDATE payments SET amount = 4')
    const window = await open()
    const { page, context } = window
    await signIn(page, who, new URL(link).pathname)
    await page.getByLabel(/Reason/).fill('a long thought')
    const other = await context.newPage()
    await other.goto(`${who.url}/account`)
    await other.getByRole('button', { name: 'Sign out' }).click()
    await other.getByText('Signed out').waitFor()
    client.signal('SIGINT')
    await client.ended
    await page.bringToFront()
    await page.getByText('You are signed out.').waitFor()
    assert.equal(await page.getByLabel(/Reason/).inputValue(), 'a long thought')
    // The refused look for news stands in the browser's own console.
    windows.splice(windows.indexOf(window), 1)
  })

  test('no page broke the content policy, and no script failed', () => {
    assert.deepEqual(
      windows.flatMap(({ faults }) => faults),
      [],
    )
  })
})

/** The words or the field that the keyboard is at. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => { const at = document.activeElement; return at.name || at.textContent.trim() })()`)

async function tabTo(page: Page, wanted: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (typeof wanted === 'string' ? at === wanted : wanted.test(at)) return
  }
  throw new Error(`no way to ${String(wanted)} by keyboard`)
}
