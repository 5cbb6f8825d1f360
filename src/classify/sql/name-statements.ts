import type {
  ClosePortalStmt,
  DeallocateStmt,
  DeclareCursorStmt,
  DiscardStmt,
  ExecuteStmt,
  FetchStmt,
  PrepareStmt,
} from '@pgsql/types'
import type { SqlFacts } from '../../model/facts.ts'
import { inner, ROOT } from './env.ts'
import { expressions } from './expressions.ts'
import { printable } from './findings.ts'
import { query } from './select.ts'
import { statement } from './statements.ts'
import { typeName } from './type-names.ts'
import type { Walk } from './walk.ts'

const CURSOR_OPT_HOLD = 0x20

/** PREPARE carries the facts of its text, its output too, so that EXECUTE can be judged by them. */
export function prepare(walk: Walk, body: PrepareStmt): boolean {
  const { name = '', argtypes = [], query: text } = body
  walk.found.verb('prepare')
  named(walk)
  walk.found.names.push({ kind: 'prepare', name })
  for (const node of argtypes) if ('TypeName' in node) typeName(walk, node.TypeName)
  return text === undefined || statement(walk, text)
}

/** EXECUTE does what the prepared text does. */
export function execute(walk: Walk, body: ExecuteStmt): boolean {
  const { name = '' } = body
  walk.found.verb('execute')
  named(walk)
  walk.found.names.push({ kind: 'execute', name })
  expressions(walk, body.params, inner(ROOT))
  return behind(walk, { name, kind: 'statement' })
}

export function deallocate(walk: Walk, body: DeallocateStmt): boolean {
  walk.found.verb('deallocate')
  named(walk)
  walk.found.names.push({ kind: 'deallocate', name: body.isall === true ? undefined : body.name })
  return false
}

/** DECLARE carries the facts of its query, its output too, so that FETCH can be judged by them. */
export function declareCursor(walk: Walk, body: DeclareCursorStmt): boolean {
  walk.found.verb('declare')
  named(walk)
  const hold = ((body.options ?? 0) & CURSOR_OPT_HOLD) !== 0
  walk.found.names.push({ kind: 'declare', name: body.portalname ?? '', hold })
  query(walk, body.query, inner(ROOT))
  return true
}

/** FETCH and MOVE run the cursor's query on. */
export function fetch(walk: Walk, body: FetchStmt): boolean {
  const { portalname: name = '' } = body
  walk.found.verb(body.ismove === true ? 'move' : 'fetch')
  named(walk)
  walk.found.names.push({ kind: 'fetch', name })
  behind(walk, { name, kind: 'cursor' })
  return body.ismove !== true
}

export function closeCursor(walk: Walk, body: ClosePortalStmt): boolean {
  walk.found.verb('close')
  named(walk)
  walk.found.names.push({ kind: 'close', name: body.portalname })
  return false
}

const DISCARDED = {
  DISCARD_ALL: 'all',
  DISCARD_PLANS: 'plans',
  DISCARD_SEQUENCES: 'sequences',
  DISCARD_TEMP: 'temp',
} as const

/** DISCARD ALL takes every setting back to what the session began with, which is what is pinned. */
export function discard(walk: Walk, body: DiscardStmt): boolean {
  walk.found.verb('discard')
  named(walk)
  const what = body.target === undefined ? 'all' : DISCARDED[body.target]
  walk.found.names.push({ kind: 'discard', what })
  if (what === 'all') {
    walk.found.effect('setting')
    walk.found.settings.push({ name: 'all', value: undefined, scope: 'session' })
  }
  return false
}

function named(walk: Walk): void {
  walk.found.effect('session-name')
}

/** Takes over what the named statement or cursor does; returns whether it sends rows. */
function behind(walk: Walk, { name, kind }: { readonly name: string; readonly kind: 'statement' | 'cursor' }): boolean {
  const facts = walk.scope.names(name, kind)
  if (facts === undefined || facts === 'protocol') {
    const why = facts === undefined ? 'is not known' : 'was made by the protocol, not by SQL'
    walk.found.gap(`the ${kind} ${printable(name)} ${why}`)
    return true
  }
  for (const one of facts) inherit(walk, one)
  return facts.some((one) => one.output.kind !== 'none')
}

function inherit({ found }: Walk, facts: SqlFacts): void {
  for (const verb of facts.verbs) if (verb !== 'prepare' && verb !== 'declare') found.verb(verb)
  for (const effect of facts.effects) found.effect(effect)
  for (const use of facts.reads) found.read(use)
  for (const use of facts.writes) found.writes.push(use)
  for (const use of facts.functions) found.call(use)
  found.columns.push(...facts.columns)
  found.settings.push(...facts.settings)
  found.probe(facts.probes)
  for (const gap of facts.gaps) found.gap(gap)
  found.filtered &&= facts.filtered
  found.changesCatalog ||= facts.changesCatalog
  if (facts.output.kind === 'origin') found.namesUnclear = true
  if (!facts.complete && facts.gaps.length === 0) found.gap('what stands behind the name is not known')
}
