import type { SqlFacts, NameUse } from '../../model/facts.ts'
import type { Scope } from './scope.ts'

type Kind = Parameters<Scope['names']>[1]

/**
 * The scope of what stands behind a statement in the same text: names, definitions and settings are by then as that statement left them. Should it fail, the server
 * runs nothing of the rest.
 */
export function following(scope: Scope, facts: SqlFacts): Scope {
  const moves = facts.names.filter((use) => use.kind !== 'execute' && use.kind !== 'fetch')
  const reads = facts.effects.includes('reading-setting')
  if (moves.length === 0 && !facts.changesCatalog && !reads) return scope
  return {
    ...scope,
    searchPath: reads ? undefined : scope.searchPath,
    dirty: scope.dirty || facts.changesCatalog,
    names: (name, kind) =>
      moves.reduce((behind, use) => moved(use, { name, kind, facts, behind }), scope.names(name, kind)),
  }
}

interface Asked {
  readonly name: string
  readonly kind: Kind
  readonly facts: SqlFacts
  readonly behind: ReturnType<Scope['names']>
}

function moved(use: NameUse, { name, kind, facts, behind }: Asked): ReturnType<Scope['names']> {
  switch (use.kind) {
    case 'prepare':
      return kind === 'statement' && use.name === name ? [facts] : behind
    case 'declare':
      return kind === 'cursor' && use.name === name ? [facts] : behind
    case 'deallocate':
      return kind === 'statement' && (use.name ?? name) === name ? undefined : behind
    case 'close':
      return kind === 'cursor' && (use.name ?? name) === name ? undefined : behind
    case 'discard':
      return use.what === 'all' ? undefined : behind
    case 'execute':
    case 'fetch':
      return behind
  }
}
