import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { z } from 'zod'

const CHROMIUM = '/usr/bin/chromium'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Debian's Chromium, headless. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })

/** One person's window with everything that went wrong in it. */
export interface Window {
  readonly context: BrowserContext
  readonly page: Page
  /** Violations of the content policy, and script that failed. */
  readonly faults: string[]
  /** Dialogs that something opened: a payload that ran. */
  readonly dialogs: readonly string[]
}

export interface WindowOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

export async function openWindow(browser: Browser, options: WindowOptions = {}): Promise<Window> {
  const { width = 1280, height = 800, dark = false } = options
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const faults: string[] = []
  const dialogs: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  return { context, page, faults, dialogs }
}

/** Signs in with password and one-time code. */
export async function signIn(
  page: Page,
  who: { readonly url: string; readonly person: string; readonly password: string; readonly totp: string },
): Promise<void> {
  await page.goto(`${who.url}/login`)
  await page.fill('input[name=person]', who.person)
  await page.fill('input[name=password]', who.password)
  await page.fill('input[name=totp]', who.totp)
  await Promise.all([
    page.waitForURL((url) => !url.pathname.startsWith('/login')),
    page.press('input[name=totp]', 'Enter'),
  ])
}

const Findings = z.array(z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.string()) }))

/** What axe-core finds serious or critical, in words. The script comes in through the debugger, which no content policy sees. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(`(async () => {
    ${AXE}
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations.map(({ id, impact, nodes }) => ({ id, impact: impact ?? null, nodes: nodes.map((one) => one.html.slice(0, 200)) }))
  })()`)
  return Findings.parse(found)
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.join(' | ')}`)
}
