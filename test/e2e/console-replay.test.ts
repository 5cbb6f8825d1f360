import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { without } from '../support/clients.ts'
import { openBrowser, openWindow, seriousFindings, signIn, type Window } from '../support/console-browser.ts'
import { testStage, type TestStage } from '../support/stage.ts'

/** Runs, draws or reorders wherever it is more than text. */
const PAYLOAD = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>\u202e`
/** Rows that a page keeps at most. */
const MOST_ROWS = 300
const MANY = 2500

/** Asks until it is so. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await isSo())) {
    if (Date.now() > end) assert.fail('it never came to be')
    await pause(50)
  }
}

describe('sessions, replay and live watch in a real browser', { skip: without('psql', '--version') }, () => {
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

  /** A window of a new person with these roles, signed in. */
  const windowOf = async (name: string, roles: Parameters<typeof apiPerson>[2], size = {}): Promise<Page> => {
    const who: ApiPerson = await apiPerson(stage.stage, name, roles)
    const window = await openWindow(browser, size)
    windows.push(window)
    const password = `${name}-and-a-long-password-1`
    await signIn(window.page, { url: who.url, person: name, password, totp: await who.code() })
    return window.page
  }
  const at = (path: string): string => `${stage.stage.config.publicUrl}${path}`
  const connect = async (application = 'psql'): Promise<pg.Client> => {
    const { PGPORT: port, PGUSER: user, PGPASSWORD: password } = stage.env
    const client = new pg.Client({
      ...{ host: '127.0.0.1', port: Number(port), user, password, database: 'cards', application_name: application },
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  /** The session that began last. */
  const newest = async (page: Page): Promise<string> => {
    await page.goto(at('/sessions'))
    return (await page.getAttribute('tbody th a', 'href')) ?? assert.fail('no session')
  }
  const isQuiet = (): void => {
    assert.deepEqual(
      windows.flatMap(({ faults, dialogs }) => [...faults, ...dialogs]),
      [],
    )
  }

  test('a recording plays, steps, seeks and is searched; hostile text in it is text', async () => {
    const client = await connect('psql <img src=x onerror=alert(1)>')
    await client.query(`SELECT 1 AS ${client.escapeIdentifier(PAYLOAD.repeat(2))}`)
    await client.query('SELECT id, pan FROM cards ORDER BY id LIMIT 3')
    await client.query('SELECT 2 AS waits, pg_sleep(0.4)')
    await client.query('SELECT $1::text', [PAYLOAD])
    await client.query("COPY cards TO PROGRAM 'cat'").catch(() => undefined)
    await client.end()
    const page = await windowOf('nora', ['auditor'])
    const session = await newest(page)
    await page.goto(at(session))
    await page.getByText('intact').waitFor()
    // Counts come from the index, which is some seconds behind.
    for (let tries = 0; tries < 40 && (await page.getByText('1 denied').count()) === 0; tries += 1) {
      await page.waitForTimeout(250)
      await page.reload()
    }
    await page.getByText('1 denied').waitFor()
    assert.equal(await page.getByText('onerror=alert(1)').count(), 1)
    assert.deepEqual(await seriousFindings(page), [])
    await page.getByRole('link', { name: 'Replay' }).click()
    await page.getByText('will be truncated').first().waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    assert.equal(await page.locator('main img, main script').count(), 0)

    // From the keyboard: two events on, play without waiting to the end.
    const current = page.locator('[aria-current=true][data-line]')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    assert.equal(await current.getAttribute('data-line'), '2')
    assert.equal(new URL(page.url()).searchParams.get('at'), '2')
    await page.keyboard.press('k')
    assert.equal(await current.getAttribute('data-line'), '1')
    await page.keyboard.press('4')
    await page.keyboard.press('Space')
    await page.getByText('This is the end of the recording.').waitFor()
    assert.match(await page.getByRole('button', { name: 'Play' }).innerText(), /Play/)

    // Seeking goes to the last event of that time.
    await page.keyboard.press('Home')
    await page.locator('.moment[aria-current=true][data-line="0"]').waitFor()
    await page.locator('[data-seek]').fill('100000')
    await page.locator('[data-seek]').dispatchEvent('change')
    await page.locator('.moment.seal[aria-current=true]').waitFor()

    // A link to a moment opens at it, and search leads to moments.
    await page.getByRole('button', { name: 'Copy link' }).click()
    const link = String(await page.evaluate('navigator.clipboard.readText()'))
    assert.match(link, /\/replay\?at=\d+$/)
    await page.goto(link)
    await page.locator('.moment.seal[aria-current=true]').waitFor()
    await page.getByLabel('Search in this session').fill('waits')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByText('1 found').waitFor()
    await page.locator('.found a').click()
    await page.locator('[aria-current=true]', { hasText: 'AS waits' }).waitFor()
    assert.equal(await page.locator('main img, main script').count(), 0)
    isQuiet()
  })

  test('a long recording stays quick: the page holds some hundreds of its rows, wherever one is', async () => {
    const client = await connect()
    for (let number = 0; number < MANY; number += 1) await client.query(`SELECT ${number} AS number_${number}`)
    await client.end()
    const page = await windowOf('otto', ['auditor'])
    await page.goto(at(`${await newest(page)}/replay`))
    const rows = page.locator('.moment')
    const first = async (): Promise<number> => Number(await rows.first().getAttribute('data-line'))
    const count = async (): Promise<number> => {
      const now = await rows.count()
      assert.ok(now <= MOST_ROWS, `${now} rows`)
      return now
    }
    assert.equal(await count(), 100)
    for (let turn = 0; turn < 5; turn += 1) {
      const last = await rows.last().getAttribute('data-line')
      await page.getByRole('link', { name: 'Later events' }).click()
      await page.locator(`.moment:last-child:not([data-line="${last ?? ''}"])`).waitFor()
      await count()
    }
    await page.getByRole('link', { name: 'Earlier events' }).click()
    await eventually(async () => (await first()) < 300)
    await count()
    await page.locator('[data-player]').focus()
    const began = performance.now()
    await page.keyboard.press('End')
    await page.locator('.moment.seal[aria-current=true]').waitFor()
    assert.ok(performance.now() - began < 3000, `${performance.now() - began} ms`)
    await count()
    await page.keyboard.press('Home')
    await page.locator('.moment[aria-current=true][data-line="0"]').waitFor()
    await page.keyboard.press('4')
    await page.keyboard.press('Space')
    await eventually(async () => Number(await page.getAttribute('.moment[aria-current=true]', 'data-line')) > 130)
    await count()
    await page.keyboard.press('Space')
    isQuiet()
  })

  test('security watches a real psql live and ends its session; psql is told why', async () => {
    const psql = spawn('psql', ['-X', '-q', '-A', '-t'], { env: { ...process.env, ...stage.env }, stdio: 'pipe' })
    let err = ''
    psql.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const ended = new Promise((done) => psql.once('close', done))
    const page = await windowOf('dora', ['security'], { width: 390, height: 844 })
    psql.stdin.write('SELECT 1 AS before_watching;\n')
    await eventually(async () => {
      await page.goto(at('/sessions?state=open'))
      return (await page.locator('tbody tr').count()) > 0
    })
    const session = await newest(page)
    await page.goto(at(`${session}/watch`))
    await page.getByText('before_watching').waitFor()
    const began = Date.now()
    psql.stdin.write(`SELECT 2 AS while_watching, '${PAYLOAD.replaceAll("'", '')}' AS said;\n`)
    await page.getByText('while_watching').waitFor()
    // Recorded within a moment, and at most two seconds behind.
    assert.ok(Date.now() - began < 3000, `${Date.now() - began} ms`)
    assert.equal(await page.locator('main img, main script').count(), 0)
    assert.deepEqual(await seriousFindings(page), [])
    await page.locator('summary', { hasText: 'Terminate' }).click()
    await page.getByText("Ends alice's session at cards now").waitFor()
    await page.getByLabel(/Reason/).fill('an incident')
    const watcher = await page.context().newPage()
    await watcher.goto(at(`${session}/watch`))
    await watcher.getByText('while_watching').waitFor()
    await page.getByRole('button', { name: 'Terminate', exact: true }).click()
    await page.getByText('You ended it. alice is told why.').waitFor()
    await watcher.getByText('The session has ended.').waitFor()
    psql.stdin.end('SELECT 3;\n')
    await ended
    assert.match(err, /dora ended the session: an incident/)
    isQuiet()
  })

  test('the search over sessions finds by what was run, and engineers find only their own', async () => {
    const page = await windowOf('nina', ['auditor'])
    await page.goto(at('/sessions'))
    await page.getByLabel('Text of a statement').fill('while_watching')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/text=while_watching/)
    assert.equal(await page.locator('tbody tr').count(), 1)
    assert.deepEqual(await seriousFindings(page), [])
    const other = await windowOf('emil', ['engineer'])
    await other.goto(at('/sessions?text=while_watching'))
    await other.getByText('No session fits.').waitFor()
    isQuiet()
  })

  test('policies, bench and evidence show what they say, on a phone and in the dark, without serious findings', async () => {
    const page = await windowOf('paul', ['auditor'], { width: 390, height: 844, dark: true })
    await page.goto(at('/policies?text=unfiltered'))
    await page.locator('.entry summary').first().click()
    await page.getByText('pci.yaml:').first().waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    await page.goto(at('/policies/bench'))
    await page.getByLabel('Person').selectOption('alice')
    await page.getByLabel('Statement').fill('SELECT pan FROM cards; DELETE FROM payments')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByText('It would wait for a countersignature.').waitFor()
    await page.getByText('first six and last four').first().waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    await page.goto(at('/evidence?report=touched&table=cards'))
    await page.getByText('Everything is as it was written').waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
    assert.equal(file.suggestedFilename(), 'countersign-touched.csv')
    await page.goto(at('/evidence?report=chain'))
    await page.getByText('verified', { exact: true }).waitFor()
    await page.goto(at('/evidence/ledger?kind=recording.watched'))
    await page.getByText('dora').first().waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    isQuiet()
  })
})
