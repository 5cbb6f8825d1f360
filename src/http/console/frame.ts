import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { mayCall } from '../access-table.ts'
import type { Who } from '../access-table.ts'
import type { Viewer } from '../viewer.ts'
import { assetPath } from './assets.ts'
import type { ConsoleContext, Seat, Waiting } from './seat.ts'

/** A piece of a page whose every inserted text is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** The areas of the menu, in its order. A page names the one it belongs to. */
export const AREAS = {
  approvals: { label: 'Approvals', path: '/approvals', who: 'signed-in' },
  access: { label: 'Access', path: '/access', who: 'signed-in' },
  sessions: { label: 'Sessions', path: '/sessions', who: 'signed-in' },
  policies: { label: 'Policies', path: '/policies', who: 'signed-in' },
  evidence: { label: 'Evidence', path: '/evidence', who: ['auditor', 'security'] },
  people: { label: 'People', path: '/people', who: ['auditor', 'security', 'admin'] },
  health: { label: 'Health', path: '/health', who: ['security', 'admin', 'auditor'] },
  account: { label: 'My account', path: '/account', who: 'signed-in' },
} as const satisfies Record<string, { readonly label: string; readonly path: string; readonly who: Who }>
export type Area = keyof typeof AREAS

export interface Page {
  readonly title: string
  readonly viewer: Viewer
  readonly active: Area
  readonly csrf: string
  /** Everything inside `main`, its `h1` first. */
  readonly body: Html
  readonly waiting?: Waiting | undefined
  /** What the last form did; said once, politely. */
  readonly said?: string | undefined
  /** Further scripts of `static/`, by file name. */
  readonly scripts?: readonly string[] | undefined
  /** Further style sheets of `static/`, by file name. */
  readonly styles?: readonly string[] | undefined
  /** The address to come back to, where this page answers a form. */
  readonly self?: string | undefined
  /** What the viewer can show as a fresh factor; forms offer only that. */
  readonly factors?: Seat['factors'] | undefined
  /** The server's clock, in milliseconds: what countdowns go by. */
  readonly now?: number | undefined
}

/** A whole page: skip link, menu, content. No inline script or style: the content policy refuses both. */
export function page(content: Page): Html {
  const { title, viewer, active, csrf, body, waiting, said, scripts, styles, self, factors, now } = content
  // What a folded menu would hide.
  const all = (waiting?.approvals ?? 0) + (waiting?.requests ?? 0)
  return shell({
    title,
    scripts,
    styles,
    factors,
    now,
    body: html`<header class="top">
        <a class="brand" href="/">Countersign</a>
        <button type="button" class="menu" aria-expanded="false" aria-controls="menu" data-menu>
          Menu${countOf(all)}
        </button>
        <nav id="menu" aria-label="Console">
          ${areas(viewer).map((area) => link(area, active, waiting))}
          <form method="post" action="/logout" class="who">
            <input type="hidden" name="csrf" value="${csrf}" />
            <span class="soft">Signed in as <b>${viewer.person}</b></span>
            <button class="quiet">Sign out</button>
          </form>
        </nav>
      </header>
      <main id="content" tabindex="-1" ${self === undefined ? '' : html`data-self="${self}"`}>
        <p class="ended" role="alert" data-ended hidden>
          You are signed out. <a href="/login" data-again>Sign in again</a>: what you typed here stays until you leave.
        </p>
        <p class="said" role="status">${said ?? ''}</p>
        ${body}
      </main>`,
  })
}

/** Answers with a page for the one who asks. */
export function respondPage(
  c: ConsoleContext,
  { self, ...content }: Pick<Page, 'title' | 'active' | 'body' | 'scripts' | 'styles' | 'self'>,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  const { viewer, csrf, factors } = c.get('seat')
  const [waiting, said, now] = [c.get('waiting'), c.get('said'), c.get('now')]
  // What was asked for by its address stands at its address, filters and all.
  const back = c.req.method === 'POST' ? self : undefined
  return c.html(page({ ...content, self: back, viewer, csrf, waiting, said, factors, now }), status)
}

/** For somebody whose roles do not open an area; the menu does not show it to them either. */
export function respondForbidden(c: ConsoleContext, active: Area): Response | Promise<Response> {
  c.set('turned', true)
  return respondPage(
    c,
    {
      title: 'Not for your role',
      active,
      body: html`<h1>Not for your role</h1>
        <p>Your roles do not open this page. An administrator gives roles, under People.</p>`,
    },
    403,
  )
}

/** For an address that leads nowhere. */
export function respondNotFound(c: ConsoleContext): Response | Promise<Response> {
  const active = Object.keys(AREAS)
    .filter(isArea)
    .find((name) => c.req.path.startsWith(AREAS[name].path))
  const body = html`<h1>Not found</h1>
    <p>There is no such page. The menu has every area that your roles open.</p>`
  return respondPage(c, { title: 'Not found', active: active ?? 'approvals', body }, 404)
}

/** A page for people who are not signed in, or who were led astray. */
export function plainPage(title: string, body: Html): Html {
  return shell({
    title,
    body: html`<header class="top plain"><a class="brand" href="/">Countersign</a></header>
      <main id="content" class="narrow" tabindex="-1">${body}</main>`,
  })
}

/** A page that only says something. */
export const notice = (title: string, text: string): Html =>
  plainPage(
    title,
    html`<h1>${title}</h1>
      <p>${text}</p>`,
  )

interface Shell {
  readonly title: string
  readonly body: Html
  readonly scripts?: Page['scripts']
  readonly styles?: Page['styles']
  readonly factors?: Page['factors']
  readonly now?: Page['now']
}

const shell = ({ title, body, scripts = [], styles = [], factors, now }: Shell): Html =>
  html`<!doctype html>
    <html lang="en" ${now === undefined ? '' : html`data-now="${now}"`}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - Countersign</title>
        <link rel="icon" href="${assetPath('icon.svg')}" />
        ${['style.css', ...styles].map((name) => html`<link rel="stylesheet" href="${assetPath(name)}" />`)}
        ${['app.js', ...scripts].map((name) => html`<script src="${assetPath(name)}" defer></script>`)}
      </head>
      <body
        ${factors?.codes === false ? html`data-no-codes` : ''}
        ${factors?.passkeys === false ? html`data-no-passkeys` : ''}
      >
        <a class="skip" href="#content">Skip to content</a>
        ${body}
      </body>
    </html>`

const isArea = (name: string): name is Area => Object.hasOwn(AREAS, name)

/** What the menu of this viewer holds. */
export const areas = (viewer: Viewer): readonly Area[] =>
  Object.keys(AREAS)
    .filter(isArea)
    .filter((name) => mayCall(AREAS[name].who, viewer.roles))

function link(area: Area, active: Area, waiting: Waiting | undefined): Html {
  const { label, path } = AREAS[area]
  return html`<a href="${path}" ${area === active ? html`aria-current="page"` : ''}>${label}${count(area, waiting)}</a>`
}

function count(area: Area, waiting: Waiting | undefined): Html | string {
  return countOf(area === 'approvals' ? waiting?.approvals : area === 'access' ? waiting?.requests : undefined)
}

const countOf = (number = 0): Html | string =>
  number === 0 ? '' : html` <span class="count">${number}<span class="unseen"> waiting for you</span></span>`
