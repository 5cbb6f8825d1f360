import { html } from 'hono/html'
import { z } from 'zod'
import type { RecordedLine } from '../../evidence/questions.ts'
import type { Tally } from '../../evidence/tally.ts'
import type { SessionRecord } from '../ports.ts'
import type { Cell } from './parts.ts'
import type { Html } from './frame.ts'
import { badge, dangerButton, live, span, tags, time } from './parts.ts'
import { inert } from './recorded-text.ts'

/** What verification says of one recording; `slow` where it is not done yet. */
export type Verified =
  { readonly status: string; readonly findings: readonly string[]; readonly events: number } | 'slow' | undefined

export interface SessionPage {
  readonly session: SessionRecord
  readonly csrf: string
  readonly now: number
  /** `session.json`; undefined where the recording is gone. */
  readonly head: RecordedLine | undefined
  readonly tally: Tally | undefined
  readonly verified: Verified
  readonly mayReplay: boolean
  readonly mayEnd: boolean
}

const Head = z.object({
  who: z.object({ account: z.string(), upstreamAccount: z.string() }),
  origin: z.object({ address: z.string(), tls: z.string().nullable(), node: z.string() }),
  resource: z.object({ database: z.string() }),
  roles: z.array(z.string()).catch([]),
  service: z.boolean().catch(false),
  tags: z.array(z.string()).catch([]),
  cipher: z.string().nullable().catch(null),
  clientCertificate: z.string().nullable().catch(null),
  grant: z.string().nullable().catch(null),
  credential: z.string().nullable().catch(null),
  application: z.string().nullable().catch(null),
  policyVersion: z.string().catch(''),
})
type Head = z.infer<typeof Head>

/** One session: who, from where, on what, how it went, and what one may do about it. */
export function sessionBody(page: SessionPage): Html {
  const { session, csrf } = page
  const head = Head.safeParse(page.head)
  return html`<h1>${session.person} at ${session.target}</h1>
    <p class="soft"><code>${session.id}</code></p>
    ${live(
      { id: 'session', on: ['session'] },
      html`<div class="row actions">
          ${badge(session.state === 'open' ? 'live' : 'ended')} ${links(page)}
          ${page.mayEnd && session.state === 'open' ? terminateForm(session, csrf) : ''}
        </div>
        <div class="split">
          <section class="card">
            <h2>Who and where</h2>
            ${list([
              ['Person', html`<b>${session.person}</b>`],
              ['Target', html`<b>${session.target}</b>`],
              ['From', inert(session.address)],
              ...(head.success ? headRows(head.data) : []),
            ])}
            ${head.success ? '' : html`<p class="bad">Its recording cannot be read: look at the verification.</p>`}
          </section>
          <div>${happened(page)} ${verification(page)}</div>
        </div>`,
    )}`
}

function links({ session, mayReplay }: SessionPage): Html | string {
  if (!mayReplay) return html`<span class="soft">Recordings are read by auditors, security and whoever it was.</span>`
  const path = `/sessions/${session.id}`
  return html`<a class="button" href="${path}/replay">Replay</a>
    ${session.state === 'open' ? html`<a class="button second" href="${path}/watch">Watch live</a>` : ''}
    <a class="quiet" href="${path}/export?format=jsonl" download>JSON lines</a>
    <a class="quiet" href="${path}/export?format=html" download>HTML</a>`
}

/** Ends a session, in two steps. */
export const terminateForm = ({ id, person, target }: SessionRecord, csrf: string): Html =>
  dangerButton({
    action: `/sessions/${id}/terminate`,
    csrf,
    label: 'Terminate',
    says: `Ends ${person}'s session at ${target} now: what runs there is cancelled, an open transaction is rolled back, what waits for approval is void. They are told why.`,
    fields: html`<label
      >Reason, for ${person} and the ledger
      <input name="reason" required maxlength="500" />
    </label>`,
  })

type Row = readonly [string, Cell | readonly (Html | string)[]]

const list = (rows: readonly Row[]): Html =>
  html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`

const NONE = html`<span class="soft">none</span>`

function headRows(head: Head): readonly Row[] {
  return [
    ['Login', html`<code>${inert(head.who.account)}</code>`],
    ['Roles', head.roles.length === 0 ? NONE : tags(head.service ? [...head.roles, 'service account'] : head.roles)],
    ['Database', html`<code>${inert(head.resource.database)}</code> as <code>${head.who.upstreamAccount}</code>`],
    ['Tags', head.tags.length === 0 ? NONE : tags(head.tags)],
    ['Grant', head.grant === null ? NONE : html`<code>${head.grant}</code>`],
    ['Credential', head.credential === null ? NONE : html`<code>${head.credential}</code>`],
    ['TLS', head.origin.tls === null ? 'none (loopback)' : `${head.origin.tls}, ${head.cipher ?? ''}`],
    ...(head.clientCertificate === null
      ? []
      : [['Certificate', html`<code class="small">${head.clientCertificate}</code>`] as const]),
    ['Client', head.application === null ? NONE : html`<code>${inert(head.application)}</code>`],
    ['Node', head.origin.node],
    ['Policy', html`<code>${head.policyVersion}</code>`],
  ]
}

const VERDICTS: readonly (readonly [string, string])[] = [
  ['allow', 'allowed'],
  ['hold', 'held'],
  ['deny', 'denied'],
]

function happened({ session, tally, now }: SessionPage): Html {
  const { startedAt, endedAt } = session
  return html`<section class="card">
    <h2>What happened</h2>
    ${list([
      ['Began', time(startedAt)],
      ['Ended', endedAt === undefined ? 'not yet' : time(endedAt)],
      ['Lasted', span((endedAt ?? now) - startedAt)],
      ['Statements', String(session.statements)],
      ...(tally === undefined ? [] : tallyRows(tally)),
    ])}
  </section>`
}

function tallyRows({ verdicts, masked, failed, cleared, refused }: Tally): readonly Row[] {
  return [
    [
      'Verdicts',
      VERDICTS.filter(([verdict]) => (verdicts[verdict] ?? 0) > 0).map(
        ([verdict, word]) => html`${badge(`${verdicts[verdict] ?? 0} ${word}`, TONE[verdict])} `,
      ),
    ],
    ...(cleared + refused === 0 ? [] : [['Holds', `${cleared} cleared, ${refused} refused`] as const]),
    ['Cells masked', String(masked)],
    ...(failed === 0 ? [] : [['Failed', `${failed} of them`] as const]),
  ]
}

const TONE: Readonly<Record<string, 'good' | 'wait' | 'bad'>> = { allow: 'good', hold: 'wait', deny: 'bad' }

const MEANINGS: Readonly<Record<string, readonly [string, 'good' | 'bad' | 'live' | 'wait']>> = {
  intact: ['Every line is as it was written, in order, signed, and the ledger says the same.', 'good'],
  open: ['It is being written now; everything so far is as it was written.', 'live'],
  crashed: ['The node stopped in the middle of it. What is there is as it was written.', 'wait'],
  broken: ['Something was changed, cut or removed.', 'bad'],
}

function verification({ verified, session }: SessionPage): Html {
  if (verified === undefined || verified === 'slow')
    return html`<section class="card">
      <h2>Verification of the recording</h2>
      <p>
        ${
          verified === 'slow'
            ? html`It takes a while. <a href="/sessions/${session.id}">Look again</a>`
            : html`<span class="bad"
                ><b>There is no recording.</b> The ledger knows this session: it was removed.</span
              >`
        }
      </p>
    </section>`
  const [meaning, tone] = MEANINGS[verified.status] ?? [verified.status, 'bad']
  return html`<section class="card verdict ${tone}">
    <h2>Verification of the recording</h2>
    <p>${badge(verified.status, tone)} ${meaning}</p>
    ${
      verified.findings.length === 0
        ? ''
        : html`<ul>
            ${verified.findings.map((finding) => html`<li>${inert(finding)}</li>`)}
          </ul>`
    }
    <p class="soft small">${verified.events} events checked now</p>
  </section>`
}
