import type { VariableSetStmt, VariableShowStmt } from '@pgsql/types'
import { constantOf } from './constants.ts'
import { settingEffects } from './settings.ts'
import { transactionModes } from './transactions.ts'
import type { Walk } from './walk.ts'

/** SET and RESET in all their forms. */
export function setVariable(walk: Walk, body: VariableSetStmt): boolean {
  const reset = body.kind === 'VAR_RESET' || body.kind === 'VAR_RESET_ALL'
  walk.found.verb(reset ? 'reset' : 'set')
  if (body.kind === 'VAR_SET_MULTI') several(walk, body)
  else one(walk, body)
  return false
}

/** SET TRANSACTION, SET SESSION CHARACTERISTICS AS TRANSACTION, SET TRANSACTION SNAPSHOT. */
function several(walk: Walk, body: VariableSetStmt): void {
  if (body.name === 'TRANSACTION') {
    walk.found.effect('transaction')
    transactionModes(walk, body.args ?? [])
  } else if (body.name === 'SESSION CHARACTERISTICS') transactionModes(walk, body.args ?? [], 'session')
  else if (body.name === 'TRANSACTION SNAPSHOT') walk.found.effect('transaction')
  else walk.found.gap('a form of SET is not known')
}

function one(walk: Walk, body: VariableSetStmt): void {
  const name = body.kind === 'VAR_RESET_ALL' ? 'all' : (body.name ?? '').toLowerCase()
  const values = (body.args ?? []).map(constantOf)
  const literal = body.kind === 'VAR_SET_VALUE' && values.length > 0 && values.every((value) => value !== undefined)
  const use = {
    name,
    value: literal ? values.join(', ') : undefined,
    scope: body.is_local === true ? 'transaction' : 'session',
  } as const
  walk.found.settings.push(use)
  for (const effect of settingEffects(use, literal ? 'literal' : changeOf(body))) walk.found.effect(effect)
}

/** SET ... FROM CURRENT keeps what is there, but only inside a function's definition; NULL values are computed ones. */
const changeOf = ({ kind }: VariableSetStmt): 'default' | 'computed' =>
  kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL' || kind === 'VAR_SET_DEFAULT' ? 'default' : 'computed'

export function showVariable(walk: Walk, body: VariableShowStmt): boolean {
  walk.found.verb('show')
  if (body.name === undefined) walk.found.gap('a form of SHOW is not known')
  return true
}

/** SET CONSTRAINTS moves checks to the end of the transaction or back. */
export function setConstraints(walk: Walk): boolean {
  walk.found.verb('set')
  walk.found.effect('transaction')
  return false
}
