/** A page as a browser without script shows it. */
export interface Page {
  readonly status: number
  readonly html: string
  /** The words alone. */
  readonly text: string
}

/** What a person types into a form, by field. */
export type Typed = Readonly<Record<string, string>>

/** A browser with one window and one cookie jar: it sends what browsers send and follows where pages lead. */
export interface Browser {
  open(url: string): Promise<Page>
  /** Fills the form of the current page whose address ends like this and sends it. Throws where the page has no such form. */
  submit(ending: string, typed: Typed): Promise<Page>
  /** Everything that was shown. */
  readonly seen: readonly string[]
}

export function createBrowser(): Browser {
  const cookies = new Map<string, string>()
  const seen: string[] = []
  let at = ''
  let page: Page = { status: 0, html: '', text: '' }
  const visit = async (url: string, { origin, ...init }: Request = {}): Promise<Page> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...NAVIGATION, ...(cookie === '' ? {} : { Cookie: cookie }), ...origin }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) keep(cookies, line)
    const onwards = response.status === 303 ? response.headers.get('location') : null
    const html = await response.text()
    if (onwards !== null) return visit(new URL(onwards, url).href)
    seen.push(html)
    at = url
    page = { status: response.status, html, text: wordsOf(html) }
    return page
  }
  return {
    open: (url) => visit(url),
    submit(ending, typed) {
      const form = formOf(page.html, ending)
      if (form === undefined) throw new Error(`the page has no form for ${ending}`)
      const body = new URLSearchParams({ ...form.hidden, ...typed })
      const origin = { Origin: new URL(at).origin, 'Sec-Fetch-Site': 'same-origin' }
      return visit(new URL(form.action, at).href, { method: 'POST', body, origin })
    },
    seen,
  }
}

interface Request {
  readonly method?: 'POST'
  readonly body?: URLSearchParams
  /** Headers by which a browser tells where a request comes from, where they are not those of a link. */
  readonly origin?: Typed
}

/** A link from a message is opened from nowhere. */
const NAVIGATION = { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }

function keep(cookies: Map<string, string>, line: string): void {
  const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? []
  if (name !== undefined && value !== undefined) cookies.set(name, value)
}

interface Form {
  readonly action: string
  readonly hidden: Typed
}

function formOf(html: string, ending: string): Form | undefined {
  for (const [whole, action = ''] of html.matchAll(/<form[^>]*action="([^"]+)"[^]*?<\/form>/g)) {
    if (!action.endsWith(ending)) continue
    const fields = whole.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
    return { action, hidden: Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value])) }
  }
  return undefined
}

const wordsOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ')
