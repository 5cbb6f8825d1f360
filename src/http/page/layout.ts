import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** A piece of a page whose every inserted text is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** The frame of every page: no script, no picture, one stylesheet. */
export function layout(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="stylesheet" href="/approvals/style.css" />
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`
}

/** A page that only says something. */
export function notice(title: string, text: string): Html {
  return layout(
    `${title} - Countersign`,
    html`<header><b>Countersign</b></header>
      <section>
        <h1>${title}</h1>
        <p>${text}</p>
      </section>`,
  )
}

/**
 * Headers of every page: nothing runs, nothing loads from elsewhere, nobody frames it, and forms post only home.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; sandbox allow-forms allow-same-origin",
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
}
