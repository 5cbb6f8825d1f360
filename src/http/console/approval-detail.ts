import { html } from 'hono/html'
import type { Detail } from '../approval-view.ts'
import type { deliveryView } from '../delivery-view.ts'
import type { Surroundings } from '../surroundings-schema.ts'
import { asksWords } from './ask-words.ts'
import { countersignatures, deliveriesCard, recordCard, warnings, whereCard } from './approval-where.ts'
import { howItStands, unfolded } from './decision-words.ts'
import { decisionForms } from './decision-forms.ts'
import type { DecisionForm } from './decision-forms.ts'
import { effectWords } from './effect-words.ts'
import type { Html } from './frame.ts'
import { badge, live, until } from './parts.ts'
import { statementCards } from './statement-card.ts'

export interface ApprovalPage {
  readonly detail: Detail
  readonly surroundings: Surroundings
  readonly deliveries: readonly ReturnType<typeof deliveryView>[]
  readonly targetTags: readonly string[]
  /** Whether the viewer may follow the link to the session; whoever may not would find nothing there. */
  readonly maySeeSession: boolean
  readonly form: DecisionForm
  readonly now: number
  /** What went wrong with the last attempt. */
  readonly problem: string | undefined
}

/** Everything that a person needs to decide, in the order in which it is needed; the decision stands at the end of the whole text, and what only an auditor asks behind it. */
export function approvalBody(page: ApprovalPage): Html {
  const { detail, problem, now, surroundings, deliveries } = page
  const told = problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`
  const open = detail.state === 'open'
  return html`${live({ id: 'state', on: ['approval'] }, headline(detail, now))} ${told} ${whyCard(detail.rules, open)}
  ${open ? warnings(surroundings) : ''} ${statements(detail)} ${whereCard(detail, page)}
  ${live({ id: 'decisions', on: ['approval'] }, countersignatures(detail))}
  ${live({ id: 'decide', on: ['approval'] }, decisionForms(detail, page.form), { force: !open })}
  ${live({ id: 'told', on: ['approval'] }, deliveriesCard(deliveries))} ${recordCard(detail, page)}`
}

/** `DELETE on public.payments`, `systemctl`, or what can be said without the held text. */
export const effectOf = ({ shown }: Pick<Detail, 'shown'>): string =>
  shown === null ? 'a statement' : effectWords(shown.statements)

function headline(detail: Detail, now: number): Html {
  if (detail.state !== 'open')
    return html`<h1>${detail.person}'s statement at ${detail.target}: ${detail.state}</h1>
      <p role="status">${badge(detail.state)} ${howItStands(detail)}</p>`
  return html`<h1>At ${detail.target}, ${detail.person} wants to run ${effectOf(detail)}</h1>
    <p>
      ${badge('open')}
      <span class="soft">waits for</span>
      ${asksWords(detail.needs)}
      <span class="soft">- time left</span> <b>${until(Date.parse(detail.expiresAt), { now, over: 'none' })}</b>
    </p>
    ${because(detail)}`
}

/** Why the requester is here at all, in their own words and first: a decision without the reason is a guess. */
function because({ shown }: Detail): Html | string {
  if (shown === null || shown.grant === null) return ''
  const { reason, ticket } = shown.grant
  return html`<p class="because">
    <span class="soft">Reason:</span> ${reason === '' ? html`<span class="soft">none given</span>` : reason}
    ${ticket === null ? '' : html`<span class="tag">${ticket}</span>`}
  </p>`
}

/** The rules that held it, in their own words. */
export const whyCard = (rules: Detail['rules'], waits: boolean): Html =>
  html`<section class="card ${waits ? 'asks' : ''}">
    <h2 class="first">${waits ? 'Why it waits' : 'Why it waited'}</h2>
    <ul>
      ${rules.map(
        ({ rule, message, severity }) =>
          html`<li>${message} <span class="soft small">(rule ${rule}, ${severity})</span></li>`,
      )}
    </ul>
  </section>`

function statements({ shown, statement, state }: Detail): Html {
  if (shown !== null) return html`${statementCards(shown.statements)} ${bareText(statement)}`
  const reason =
    state === 'open'
      ? 'It cannot be shown whole, so nobody can approve it here. It can be denied.'
      : 'Comments, and values that may be card data, are not kept.'
  return html`<section class="card">
    <h2 class="first">Statement, as far as it may be kept</h2>
    <pre>${unfolded(statement, '\n')}</pre>
    <p class="soft">${reason}</p>
  </section>`
}

/** Comments can lie; this is what is left without them. */
function bareText(statement: string): Html | string {
  if (!statement.includes('‹comment')) return ''
  return html`<section class="card">
    <h2 class="first">The same without comments</h2>
    <pre>${unfolded(statement, '\n')}</pre>
  </section>`
}
