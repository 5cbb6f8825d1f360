import type { ActionFacts } from '../model/action-facts.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { ShellStatement, Statement } from '../model/statement.ts'
import type { ActionStatementFacts, ShellPlace } from '../recording/event.ts'
import type { AnyReading, AnyRequest, Matter } from './matter.ts'

export type ActionRequest = AnyRequest<ActionFacts>
export type ActionReading = AnyReading<ActionFacts>
export type ActionMatter = Matter<ActionFacts, ActionRequest, ActionReading>

/** What judging needs to know of things that are done over SSH. Nothing stands behind them but their own text. */
export interface ActionMatterDeps {
  /** Total, and without waiting. */
  readonly classify: (statement: Statement) => readonly ActionFacts[]
  /** The line, or what is asked for in words, as it may be recorded. */
  readonly redact: (statement: Statement, facts: readonly ActionFacts[]) => RedactedText
  /** The value of an exported variable as it may be recorded. */
  readonly redactVariable: (name: string, value: string) => RedactedText
  readonly scrub: (text: string) => Scrubbed
  readonly digest: (request: ActionRequest, reading: ActionReading) => string
}

export function createActionMatter(deps: ActionMatterDeps): ActionMatter {
  const read = ({ statement }: ActionRequest): ActionReading => {
    const facts = deps.classify(statement)
    const redacted = deps.redact(statement, facts)
    const kept = facts.map((one) => keptOf(one, deps.scrub))
    return { facts, redacted, kept, epoch: undefined, tagged: false, wantsFresh: false }
  }
  return {
    read,
    reread: (request) => read(request),
    epoch: () => undefined,
    values: () => NO_VALUES,
    digest: (request, reading) => deps.digest(request, reading),
    estimates: () => Promise.resolve(NO_ESTIMATES),
    place: ({ statement }) => (statement.kind === 'shell' ? placeOf(statement, deps) : undefined),
    searchPath: () => undefined,
  }
}

const NO_VALUES: readonly never[] = []
const NO_ESTIMATES: readonly never[] = []

const placeOf = (
  { directory, environment, terminal }: ShellStatement,
  { scrub, redactVariable }: ActionMatterDeps,
): ShellPlace => ({
  directory: directory === undefined ? undefined : scrub(directory),
  environment: [...environment].map(([name, value]) => ({ name: scrub(name), value: redactVariable(name, value) })),
  terminal,
})

function keptOf(facts: ActionFacts, scrub: ActionMatterDeps['scrub']): ActionStatementFacts {
  const { kind, effects, complete } = facts
  const common = { kind, effects, complete, gaps: facts.gaps.map(scrub) }
  switch (facts.kind) {
    case 'command': {
      const programs = [...facts.via, ...(facts.program === undefined ? [] : [facts.program])].map(scrub)
      const account = facts.account === undefined ? {} : { account: scrub(facts.account) }
      return { ...common, programs, ...account, paths: pathsOf(facts, scrub) }
    }
    case 'file':
      return { ...common, programs: [], paths: pathsOf(facts, scrub) }
    case 'forward':
      return { ...common, programs: [], paths: [], peer: scrub(`${facts.host}:${facts.port}`) }
    case 'shell':
      return { ...common, programs: [], paths: [] }
  }
}

const pathsOf = (
  { paths }: Extract<ActionFacts, { paths: unknown }>,
  scrub: ActionMatterDeps['scrub'],
): ActionStatementFacts['paths'] => paths.map(({ path, does }) => ({ path: scrub(path), does }))
