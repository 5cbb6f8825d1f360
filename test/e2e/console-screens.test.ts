import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { loadConfig } from '../../src/config/load.ts'
import { HOSTILE } from '../recording/hostile.ts'
import { apiPerson } from '../support/api-person.ts'
import { openBrowser, openWindow, seriousFindings, signIn, type Window } from '../support/console-browser.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

const PAN = '4012888888881881'

/** Asks until it is so. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await isSo())) {
    if (Date.now() > end) assert.fail('it never came to be')
    await pause(50)
  }
}

describe('recorded terminals in a real browser', { skip: withoutSshd, timeout: 240_000 }, () => {
  let stage: SshStage
  let browser: Browser
  const windows: Window[] = []
  before(async () => {
    ;[stage, browser] = await Promise.all([sshStage(), openBrowser()])
    await recordSession()
  })
  after(async () => {
    await browser.close()
    await stage.stop()
  })

  const at = (where: string): string => `http://localhost:${stage.app.ports.http}${where}`
  const windowOf = async (name: string, size = {}): Promise<Page> => {
    const config = loadConfig(path.join(stage.folder, 'countersign.yaml'), process.env)
    const who = await apiPerson({ app: stage.app, config }, name, ['auditor'])
    const window = await openWindow(browser, size)
    windows.push(window)
    await signIn(window.page, {
      url: who.url,
      person: name,
      password: `${name}-and-a-long-password-1`,
      totp: await who.code(),
    })
    return window.page
  }
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

  /** A session at our prompt: colours, a card number, output of every hostile kind. */
  async function recordSession(): Promise<void> {
    const file = path.join(stage.folder, 'hostile.txt')
    writeFileSync(
      file,
      HOSTILE.map(({ text }) => text.slice(0, 3000)).join('\r\n') + '\u{1b}\\\u{1b}c\u{1b}[?1049l\r\n',
    )
    const running = stage.start('ssh', ['-F', stage.config, '-tt', 'web-1'])
    const type = (line: string): void => void running.child.stdin?.write(`${line}\r`)
    await running.saw('$ ')
    type(`cat ${file}; echo hostile-is-over`)
    await running.saw('hostile-is-over\r\n', '~$ ')
    type(`printf '\\033[31mred\\033[0m plain \\033[44mon blue\\033[0m 日本\\n'; echo ${PAN}`)
    await running.saw('401288******1881', '401288******1881', '~$ ')
    type('ls /etc/hostname')
    await running.saw('ls /etc/hostname', '/etc/hostname\r\n', '~$ ')
    type('exit')
    await running.ended
  }

  test('the screen is shown as it was, with what was run beside it; hostile output is text', async () => {
    const page = await windowOf('nora')
    const session = await newest(page)
    await page.goto(at(`${session}/replay`))
    const screen = page.locator('[data-screen]')
    await page.getByText('This channel shows nothing yet.').waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    await page.locator('[data-player]').focus()
    await page.keyboard.press('End')
    await screen.getByText('/etc/hostname').first().waitFor()
    assert.equal(await screen.locator('.line', { hasText: /^401288\*{6}1881$/ }).count(), 1)
    assert.equal(await page.getByText(PAN).count(), 0)
    assert.equal(await screen.locator('.f1', { hasText: 'red' }).count(), 1)
    assert.equal(await screen.locator('.w2').count(), 4)
    assert.equal(await page.locator('main img, main script').count(), 0)
    assert.deepEqual(await seriousFindings(page), [])

    // From the beginning, without waiting, to the end; what was run stands beside it.
    await page.keyboard.press('Home')
    await page.keyboard.press('4')
    await page.keyboard.press('Space')
    await page.getByText('This is the end of the recording.').waitFor({ timeout: 60_000 })
    await screen.getByText('/etc/hostname').first().waitFor()
    await page.locator('.moment.statement', { hasText: 'ls /etc/hostname' }).first().waitFor()
    assert.equal(await page.locator('main img, main script').count(), 0)
    isQuiet()
  })

  test('a moment has an address, and what stood on the screen is found', async () => {
    const page = await windowOf('otto')
    const session = await newest(page)
    await page.goto(at(`${session}/replay`))
    await page.getByLabel('Search in this session').fill('401288******1881')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByRole('heading', { name: /on the screens/ }).waitFor()
    await page.locator('[aria-label="Found on the screen"] a').first().click()
    await page.locator('[data-screen]').getByText('401288******1881').first().waitFor()
    await page.getByRole('button', { name: 'Copy link' }).click()
    const link = String(await page.evaluate('navigator.clipboard.readText()'))
    assert.match(link, /channel=1/)
    await page.goto(link)
    await page.locator('[data-screen]').getByText('401288******1881').first().waitFor()
    isQuiet()
  })

  test('on a phone and in the dark the screen fits, and a live one is watched', async () => {
    const running = stage.start('ssh', ['-F', stage.config, '-tt', 'web-1'])
    await running.saw('$ ')
    const page = await windowOf('dora', { width: 390, height: 844, dark: true })
    const session = await newest(page)
    await page.goto(at(`${session}/watch`))
    running.child.stdin?.write('echo while-watching\r')
    await page.locator('[data-screen]').getByText('while-watching').first().waitFor()
    assert.deepEqual(await seriousFindings(page), [])
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    assert.ok(Number(overflow) <= 0, `${String(overflow)} px too wide`)
    await running.saw('echo while-watching', 'while-watching\r\n', '~$ ')
    running.child.stdin?.write('exit\r')
    await running.ended
    await page.getByText('The session has ended.').waitFor()
    await eventually(async () => (await page.locator('[data-live-badge]').innerText()) === 'ended')
    isQuiet()
  })
})
