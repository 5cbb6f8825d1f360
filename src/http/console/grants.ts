import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import { isName, personName } from '../../model/ids.ts'
import type { GrantView } from '../request-schemas.ts'
import { grantViewOf } from '../request-view.ts'
import { mayRevoke, seesAllGrants } from '../sight.ts'
import type { Viewer } from '../viewer.ts'
import { csv, csvHeaders } from './csv.ts'
import type { CsvRow } from './csv.ts'
import { filterOf, FilterText, filtersOf } from './form.ts'
import { respondPage } from './frame.ts'
import type { Html } from './frame.ts'
import { isFiltered } from './history.ts'
import { badge, dangerButton, empty, exportLinks, filterForm, live, rightsTag, table, time } from './parts.ts'
import { setOf } from './query.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const PATH = '/access/grants'
const Filters = z.object({
  text: FilterText,
  person: FilterText,
  target: FilterText,
  state: filterOf(['live', 'ended', 'revoked']),
  format: filterOf(['csv', 'json']),
})
type Wanted = z.infer<typeof Filters>

/** Who may or might reach what, until when and by whose word: one's own, or everybody's for those who watch. */
export function grantPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get(PATH, (c) => grantsHere(c, deps))
  return app
}

interface Listed {
  readonly view: GrantView
  readonly mayRevoke: boolean
}

async function grantsHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const { format, ...filters } = filtersOf(c, Filters)
  const all = (await grantsFor(viewer, filters, deps)).filter(({ view }) => fits(view, filters))
  if (format === 'csv') return c.body(csv([HEAD, ...all.map(({ view }) => csvRow(view))]), 200, csvHeaders('grants'))
  if (format === 'json') return c.json({ grants: all.map(({ view }) => view) })
  const everybody = seesAllGrants(viewer)
  const body = grantsBody(all, { filters, everybody, csrf })
  return respondPage(c, { title: 'Grants', active: 'access', body })
}

async function grantsFor(viewer: Viewer, { person }: Wanted, deps: ConsoleDeps): Promise<readonly Listed[]> {
  if (person !== undefined && !isName(person)) return []
  const asked = person === undefined ? undefined : personName(person)
  if (!seesAllGrants(viewer) && asked !== undefined && asked !== viewer.person) return []
  const grants = await deps.grants.list(seesAllGrants(viewer) ? asked : viewer.person)
  return grants.map((grant) => ({ view: grantViewOf(grant, deps), mayRevoke: mayRevoke(viewer, grant) }))
}

const stateOf = ({ live: isLive, revokedAt }: GrantView): 'live' | 'ended' | 'revoked' =>
  isLive ? 'live' : revokedAt === null ? 'ended' : 'revoked'

const fits = (view: GrantView, { target, state, text }: Wanted): boolean =>
  (target === undefined || view.target === target) &&
  (state === undefined || stateOf(view) === state) &&
  (text === undefined ||
    [view.id, view.reason, view.grantedBy, view.revokedBy].join(' ').toLowerCase().includes(text.toLowerCase()))

interface Shown {
  readonly filters: Wanted
  readonly everybody: boolean
  readonly csrf: string
}

function grantsBody(all: readonly Listed[], { filters, everybody, csrf }: Shown): Html {
  const states = ['live', 'ended', 'revoked'].map((state) => ({ value: state, label: state }))
  return html`<h1>Grants</h1>
    <p class="soft">
      ${everybody ? 'Who could reach what' : 'What you could reach'}, newest first. <a href="/access">Your access</a>,
      <a href="/access/history">requests</a>
    </p>
    ${filterForm(PATH, [
      { name: 'text', label: 'Text or id', value: filters.text, type: 'search' },
      ...(everybody ? [{ name: 'person', label: 'Person', value: filters.person }] : []),
      { name: 'target', label: 'Target', value: filters.target },
      { name: 'state', label: 'State', value: filters.state, options: states },
    ])}
    ${live(
      { id: 'grants', on: ['request', 'session'] },
      table({
        caption: 'Grants, newest first',
        columns: ['Person', 'Target', 'State', 'From, until', 'Reason, by', 'End'],
        rows: all.map((one) => rowOf(one, csrf)),
        empty: isFiltered(filters)
          ? empty('No grant fits.', html`Take a filter away, or <a href="${PATH}">see all</a>.`)
          : empty(
              'There has been no grant yet.',
              html`Access is <a href="/access#ask">asked for</a>; what is granted appears here.`,
            ),
      }),
    )}
    ${exportLinks(PATH, setOf(filters))}`
}

const TONES = { live: 'live', ended: 'plain', revoked: 'bad' } as const

const rowOf = ({ view, mayRevoke: may }: Listed, csrf: string): readonly (Html | string)[] => [
  html`<b>${view.person}</b><br /><code class="small soft">${view.id}</code>`,
  html`${view.target} ${rightsTag(view.rights)}`,
  badge(stateOf(view), TONES[stateOf(view)]),
  html`<div>
    ${time(Date.parse(view.grantedAt))}
    <div class="soft small">until</div>
    ${time(Date.parse(view.expiresAt))} ${view.revokedAt === null ? '' : revoked(view)}
  </div>`,
  html`<span class="breaks">${view.reason} <span class="soft">by ${view.grantedBy}</span></span>`,
  view.live && may ? revokeButton(view, csrf) : '',
]

const revoked = ({ revokedAt, revokedBy }: GrantView): Html =>
  html`<span class="soft small"
    >revoked${revokedBy === null ? '' : ` by ${revokedBy}`}
    ${revokedAt === null ? '' : time(Date.parse(revokedAt))}</span
  >`

/** Ends somebody's access, in two steps. */
export const revokeButton = ({ id, person, target }: GrantView, csrf: string): Html =>
  dangerButton({
    action: `/access/grants/${id}/revoke`,
    csrf,
    label: 'Revoke',
    says: `Ends ${person}'s access to ${target} now: open sessions are closed and what runs in them is cancelled.`,
    fields: html`<label>Reason <input name="reason" required maxlength="500" /></label>`,
  })

const HEAD: CsvRow = [
  'id',
  'person',
  'target',
  'state',
  'from',
  'until',
  'reason',
  'granted by',
  'revoked',
  'revoked by',
]

const csvRow = (view: GrantView): CsvRow => [
  ...[view.id, view.person, view.target, stateOf(view), view.grantedAt, view.expiresAt, view.reason, view.grantedBy],
  ...[view.revokedAt, view.revokedBy],
]
