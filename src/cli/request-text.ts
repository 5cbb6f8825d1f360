import type { RequestView } from '../http/request-schemas.ts'
import { RIGHTS_WORDS } from '../model/rights.ts'
import { printDuration } from '../std/duration.ts'
import { terminalLine } from './terminal.ts'

/** One access request on one line of a list. */
export function requestLine({
  id,
  state,
  person,
  target,
  rights,
  forMs,
  ticket,
  reason,
  expiresAt,
}: RequestView): string {
  const why = reason.length > 60 ? `${reason.slice(0, 59)}…` : reason
  const until = state === 'open' ? `  answer until ${expiresAt}` : ''
  return terminalLine(
    `${id}  ${state.padEnd(9)}  ${person}@${target} for ${printDuration(forMs)}${rights === 'all' ? '' : `, ${RIGHTS_WORDS[rights]}`}${until}  ${ticket === null ? '' : `${ticket}: `}${why}`,
  )
}

/** Everything that whoever decides needs to know, for a terminal. Never cut. */
export function requestText(request: RequestView): string {
  const { person, target, rights, state, forMs, ticket, renews, rule, message, reason, id, expiresAt } = request
  const lines = [
    `${person} asks for ${target} for ${printDuration(forMs)}: ${state}`,
    `  reason  ${reason}`,
    ...(ticket === null ? [] : [`  ticket  ${ticket}`]),
    `  rights  ${RIGHTS_WORDS[rights]}`,
    ...(renews === null ? [] : [`  renews  ${renews}, whose sessions then go on`]),
    `  rule    ${rule}${message === '' ? '' : `: ${message}`}`,
    ...request.stages.map(stageLine),
    ...request.decisions.map(decisionLine),
    `  request ${id}`,
    ...(state === 'open' ? [`  expires ${expiresAt}`] : []),
  ]
  return `${lines.map(terminalLine).join('\n')}\n`
}

/** Who is asked now, for whoever waits. */
export function askedLine({ stages }: RequestView): string {
  const asked = stages.find(({ state }) => state === 'asked')
  if (asked === undefined) return 'people'
  const more = asked.need - asked.approved
  return `${more} ${asked.from.join(' or ')}${more === 1 ? '' : 's'}`
}

/** How it ended, in one sentence. */
export function endOf({ state, decisions, message, target, grant }: RequestView): string {
  const denial = decisions.find(({ kind }) => kind === 'deny')
  switch (state) {
    case 'open':
      return `access to ${target} is still open`
    case 'granted':
      return `access to ${target} is granted${grant === null ? '' : ` (${grant})`}`
    case 'refused':
      return `access to ${target} is refused: ${message}`
    case 'denied':
      return `access to ${target} is denied${denial === undefined ? '' : ` by ${denial.person}: ${denial.reason ?? ''}`}`
    case 'withdrawn':
      return `the request for ${target} was withdrawn`
    case 'expired':
      return `nobody answered the request for ${target} in time, or it ended with what it stood on`
  }
}

const stageLine = (stage: RequestView['stages'][number], index: number): string =>
  `  stage ${index + 1} ${stage.approved} of ${stage.need} ${stage.from.join(' or ')}, ${stage.state}${stage.escalates.map(stepWords).join('')}`

const stepWords = ({ afterMs, from, notify, done }: RequestView['stages'][number]['escalates'][number]): string =>
  `; ${done ? 'escalated to' : `after ${printDuration(afterMs)} also`} ${[...from, ...(notify.length === 0 ? ['every channel'] : notify)].join(', ')}`

const decisionLine = ({ person, kind, forMs, reason, gone }: RequestView['decisions'][number]): string =>
  `  ${person}: ${kind}${forMs === null ? '' : ` for ${printDuration(forMs)}`}${reason === null ? '' : ` - ${reason}`}${gone ? ' (does not count any more: disabled since, or without the role)' : ''}`
