import { createClassifier } from '../classify/sql/classify.ts'
import type { Config } from '../config/load.ts'
import type { Catalog } from '../model/catalog.ts'
import type { Facts } from '../model/facts.ts'
import { detects } from '../packs/detects.ts'
import { readPacks, type ReadResult } from '../packs/read.ts'
import { watchPacks } from '../packs/watch.ts'
import { createParser } from '../classify/sql/parse.ts'
import { loadGrammar } from '../parsing/grammar.ts'
import { classifyCatalog } from '../policy/classify-columns.ts'
import type { PolicySet } from '../policy/decide.ts'
import type { Sent } from '../policy/example.ts'
import type { Clock } from '../std/clock.ts'
import { CodedError } from '../std/errors.ts'
import { printProblem } from '../std/problem.ts'
import { actionFacts } from './action-facts.ts'
import type { Log } from './log.ts'
import type { PolicyNotes } from './policy-notes.ts'

/** The packs in force. */
export interface LivePolicy {
  current(): PolicySet
  /** The catalog with the packs' classes on its columns; the same object for the same snapshot and packs. */
  classify(catalog: Catalog): Catalog
  reload(): Promise<void>
  close(): void
}

/** Facts of what is sent, SQL against a catalog as a fresh session would read it: for examples and `explain`. */
export type Explain = (sent: Sent, catalog: Catalog | undefined) => readonly Facts[]

export async function createExplain(): Promise<Explain> {
  const { parse } = await createParser({ grammar: await loadGrammar() })
  const classify = createClassifier({ parse })
  return (sent, catalog) => {
    if (!('sql' in sent)) return actionFacts(sent)
    const names = (): undefined => undefined
    return classify(parse(sent.sql), { catalog, searchPath: catalog?.searchPath, dirty: false, names })
  }
}

/** Reads the folder of packs and runs every example. */
export function readPolicy(config: Pick<Config, 'policies' | 'notify'>, explain: Explain): Promise<ReadResult> {
  const channels = config.notify.map((channel) => channel.name)
  return readPacks({ folder: config.policies, tools: { explain, detects }, channels })
}

export interface LivePolicyDeps {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly explain: Explain
  /** Where changes of the policy are kept; absent in tools that run nothing. */
  readonly notes?: PolicyNotes
}

/** Rejects where the packs are broken: there is no start without a policy. */
export async function openPolicy({ config, clock, log, explain, notes }: LivePolicyDeps): Promise<LivePolicy> {
  const read = (): Promise<ReadResult> => readPolicy(config, explain)
  const first = await read()
  if (first.policy === undefined) throw brokenPacks(first.problems.map(printProblem))
  let policy = first.policy
  let tagged = new WeakMap<Catalog, Catalog>()
  /** Asked several times for each statement, nearly always for the same. */
  let last: { readonly catalog: Catalog; readonly tagged: Catalog } | undefined
  const watch = watchPacks({
    folder: config.policies,
    current: policy,
    clock,
    read,
    onPolicy: (next) => {
      notes?.changed(policy, next)
      policy = next
      tagged = new WeakMap()
      last = undefined
      log.info({ version: next.version }, 'the packs were reloaded')
    },
    onProblems: (problems) => {
      notes?.refused(policy, problems.length)
      log.error({ problems: problems.map(printProblem) }, 'the packs are broken; the old ones stay in force')
    },
  })
  await notes?.loaded(policy)
  const classify = (catalog: Catalog): Catalog => {
    if (last?.catalog === catalog) return last.tagged
    const known = tagged.get(catalog) ?? classifyCatalog(catalog, policy)
    tagged.set(catalog, known)
    last = { catalog, tagged: known }
    return known
  }
  return { current: () => policy, classify, reload: () => watch.reload(), close: () => watch.close() }
}

const brokenPacks = (problems: readonly string[]): CodedError =>
  new CodedError('E_PACKS', { clientMessage: 'the policy packs are broken', message: problems.join('\n') })
