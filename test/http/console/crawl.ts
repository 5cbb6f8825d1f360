import type { World } from '../world.ts'
import { visitor } from './visitor.ts'
import type { Seen, Visitor } from './visitor.ts'

/** One page or file that a person reaches by following links. */
export interface Reached extends Seen {
  /** With its query. */
  readonly path: string
  readonly person: string
}

/** More pages than a person's console has; a list that links to itself for ever is found out. */
const MOST = 400

/** Everything that somebody reaches from the beginning by links alone, files included. */
export async function crawl(
  app: World['app'],
  person: string,
  also: readonly string[] = [],
): Promise<readonly Reached[]> {
  const browser = visitor(app)
  await browser.signIn(person)
  const [waiting, known, found] = [['/approvals', '/access', ...also], new Set<string>(), [] as Reached[]]
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (known.has(path) || isElsewhere(path)) continue
    known.add(path)
    if (known.size > MOST) throw new Error(`more than ${MOST} pages: ${[...known].slice(-5).join(' ')}`)
    const seen = await browser.get(path)
    found.push({ ...seen, path, person })
    waiting.push(...linksIn(seen, path))
  }
  return found
}

/** What is no page of ours, and what never ends. */
const isElsewhere = (path: string): boolean =>
  !path.startsWith('/') || /^\/(console|metrics|readyz|login)|\/watch\/lines/.test(path)

const linksIn = ({ text, headers }: Seen, from: string): readonly string[] =>
  headers.get('content-type')?.startsWith('text/html') !== true || headers.has('content-disposition')
    ? []
    : [...text.matchAll(/<a\b[^>]*?href="([^"]+)"/gs)].map(([, href = '']) => {
        const { pathname, search } = new URL(href.replaceAll('&amp;', '&'), `http://x${from}`)
        return href.startsWith('otpauth:') ? '-' : `${pathname}${search}`
      })

/** A form that posts, as it stands in a page. */
export interface PostedForm {
  readonly action: string
  /** Ids and names are stars. */
  readonly kind: string
  readonly html: string
  /** Whether a first press only opens what a second one does. */
  readonly twoSteps: boolean
  /** Its words. */
  readonly words: string
}

/** Every form of a page that posts. */
export const formsIn = ({ text }: Pick<Seen, 'text'>): readonly PostedForm[] =>
  [
    ...text.matchAll(
      /(<details class="danger">\s*<summary>[^<]*<\/summary>\s*)?(<form\b[^>]*method="post"[^]*?<\/form>)/g,
    ),
  ].map(([, opener, html = '']) => {
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? ''
    const words = html
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll(/\s+/g, ' ')
      .trim()
    return { action, kind: kindOf(action), html, twoSteps: opener !== undefined, words }
  })

const kindOf = (action: string): string =>
  action
    .replaceAll(/\/[a-z]_[0-9a-z]+/g, '/*')
    .replace(/^\/people\/(?!invite|proposals)[^/]+/, '/people/*')
    .replace(/^\/access\/targets\/[^/]+/, '/access/targets/*')

export type { Visitor }
