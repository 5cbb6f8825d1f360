import type { ClearLiterals, SqlFacts } from '../../model/facts.ts'
import { Entities } from './entities.ts'
import { Findings } from './findings.ts'
import { following } from './following.ts'
import { outputOf, readClasses } from './output.ts'
import type { ParseOutcome } from './parse.ts'
import type { Scope } from './scope.ts'
import { statement } from './statements.ts'
import type { Raw } from './tree.ts'
import { TwinFacts } from './twin-facts.ts'
import { viewExpander } from './views.ts'
import type { Walk } from './walk.ts'

/** Raised by hand whenever the same text may come out with other facts. */
export const classificationVersion = '1'

/** Facts for every statement of a parsed text, in order; one entry for a text that was not parsed or is empty. Never throws. */
export type ClassifyTree = (tree: ParseOutcome, scope: Scope) => readonly SqlFacts[]

/** `parse` reads the definitions of views. The catalog that was used last is kept ready for look-ups. */
export function createClassifier({ parse }: { readonly parse: (text: string) => ParseOutcome }): ClassifyTree {
  let kept: Entities | undefined
  const twins = new TwinFacts()
  const entitiesOf = ({ catalog }: Scope): Entities | undefined => {
    if (catalog === undefined) return undefined
    if (kept?.catalog !== catalog) kept = new Entities(catalog, viewExpander(parse))
    return kept
  }
  return (tree, scope) => {
    if (tree.kind === 'syntax-error') return [invalid(tree)]
    if (tree.kind === 'unfit') return [unread(tree.reason, tree.bytes)]
    if (tree.statements.length === 0) return [empty(tree.bytes)]
    try {
      const entities = entitiesOf(scope)
      const { twin } = tree
      if (twin === undefined) return allFacts(tree, scope, entities)
      const { searchPath, dirty } = scope
      return twins.of(twin, { searchPath, dirty, entities }, () => allFacts(tree, scope, entities))
    } catch {
      // Only a stack that is already deep gets here; what is half read counts as not read.
      return [unread('the text could not be read', tree.bytes)]
    }
  }
}

function allFacts({ statements, bytes }: Parsed, scope: Scope, entities: Entities | undefined): readonly SqlFacts[] {
  let now = scope
  return statements.map((raw) => {
    const facts = factsOf(raw, { scope: now, bytes, entities })
    now = following(now, facts)
    return facts
  })
}

type Parsed = Extract<ParseOutcome, { readonly kind: 'parsed' }>

interface Reading {
  readonly scope: Scope
  readonly entities: Entities | undefined
  readonly bytes: number
}

function factsOf(raw: Raw, { scope, entities, bytes }: Reading): SqlFacts {
  const found = new Findings()
  const walk: Walk = { found, scope, entities, taint: [], depth: 0 }
  const rows = raw.stmt === undefined || statement(walk, raw.stmt)
  if (raw.stmt === undefined) found.gap('the statement is not known')
  return assemble(found, { rows, span: spanOf(raw, bytes) })
}

function assemble(
  found: Findings,
  { rows, span }: { readonly rows: boolean; readonly span: SqlFacts['span'] },
): SqlFacts {
  found.settle()
  const classes = readClasses(found)
  if (found.probes.length > 0) found.effect('probe')
  const complete = found.gaps.length === 0
  const untagged = complete && classes.length === 0 && found.writes.every((use) => use.classes.length === 0)
  return {
    kind: 'sql',
    verb: found.verbs[0] ?? 'other',
    verbs: found.verbs,
    effects: found.effects,
    reads: found.reads,
    writes: found.writes,
    columns: found.columns,
    functions: found.functions,
    settings: found.settings,
    names: found.names,
    copy: found.copy,
    filtered: found.filtered,
    classes,
    probes: found.probes,
    output: outputOf(found, rows),
    changesCatalog: found.changesCatalog,
    complete,
    gaps: found.gaps,
    span,
    clearLiterals: untagged ? 'all' : complete ? new Set(found.clearLiterals) : NOTHING,
    clearParameters: untagged ? 'all' : complete ? clearOnly(found) : NOTHING,
  }
}

const NOTHING: ClearLiterals = new Set()

const clearOnly = ({ clearParameters, otherParameters }: Findings): ClearLiterals =>
  new Set(clearParameters.filter((one) => !otherParameters.includes(one)))

function spanOf({ stmt_location: start = 0, stmt_len: length = 0 }: Raw, bytes: number): SqlFacts['span'] {
  return { start, end: length === 0 ? bytes : start + length }
}

function empty(bytes: number): SqlFacts {
  const found = new Findings()
  found.verb('empty')
  return assemble(found, { rows: false, span: { start: 0, end: bytes } })
}

/** The message quotes the text and is for its writer alone; the gap, which is recorded, does not. */
function invalid({ message, position, bytes }: Extract<ParseOutcome, { kind: 'syntax-error' }>): SqlFacts {
  const gap = `syntax error${position > 0 ? ` at character ${position}` : ''}`
  return { ...unread(gap, bytes), invalid: { message, position } }
}

/** Facts of a text about which nothing is known. */
export function unread(gap: string, bytes: number): SqlFacts {
  const found = new Findings()
  found.verb('other')
  found.gap(gap)
  return assemble(found, { rows: true, span: { start: 0, end: bytes } })
}
