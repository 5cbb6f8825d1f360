import type { ExplainStmt, Node } from '@pgsql/types'
import type { Effect } from '../../model/facts.ts'
import { booleanOf } from './constants.ts'
import { Findings, printable } from './findings.ts'
import { statement } from './statements.ts'
import type { Walk } from './walk.ts'

const OPTIONS = new Set(
  'analyze verbose costs buffers wal settings timing summary format generic_plan serialize memory'.split(' '),
)

/** EXPLAIN plans, and with ANALYZE runs, its statement. What it shows is the plan, never a row. */
export function explain(walk: Walk, body: ExplainStmt): boolean {
  walk.found.verb('explain')
  for (const node of body.options ?? []) {
    const name = 'DefElem' in node ? (node.DefElem.defname ?? '') : ''
    if (!OPTIONS.has(name)) walk.found.gap(`the option ${printable(name)} of EXPLAIN is not known`)
  }
  const found = new Findings()
  if (body.query !== undefined) statement({ ...walk, found }, body.query)
  walk.found.plan = true
  if (runs(body.options ?? [])) takeAll(walk.found, found)
  else takePlanned(walk.found, found)
  return true
}

/** ANALYZE counts unless the server would certainly read it as false; the last one stands there, any one here. */
const runs = (options: readonly Node[]): boolean =>
  options.some(
    (node) => 'DefElem' in node && node.DefElem.defname === 'analyze' && booleanOf(node.DefElem.arg) !== false,
  )

function takeAll(into: Findings, from: Findings): void {
  for (const verb of from.verbs) into.verb(verb)
  for (const effect of from.effects) into.effect(effect)
  for (const use of from.reads) into.read(use)
  into.writes.push(...from.writes)
  into.settings.push(...from.settings)
  into.names.push(...from.names)
  into.filtered = from.filtered
  into.changesCatalog = from.changesCatalog
  takeNamed(into, from)
}

/** Effects that only running has. Functions keep theirs: some run while the statement is planned. */
const RUNNING = new Set<Effect>([
  'write',
  'unfiltered-write',
  'ddl',
  'temporary',
  'rowlock',
  'maintenance',
  'transaction',
  'two-phase',
  'setting',
  'session-name',
  'import',
  'export',
])

function takePlanned(into: Findings, from: Findings): void {
  for (const effect of from.effects) if (!RUNNING.has(effect)) into.effect(effect)
  for (const use of [...from.reads, ...from.writes]) into.read(use)
  takeNamed(into, from)
}

function takeNamed(into: Findings, from: Findings): void {
  into.columns.push(...from.columns)
  for (const use of from.functions) into.call(use)
  for (const gap of from.gaps) into.gap(gap)
  into.probe(from.probes)
  into.clearLiterals.push(...from.clearLiterals)
  into.clearParameters.push(...from.clearParameters)
  into.otherParameters.push(...from.otherParameters)
}
