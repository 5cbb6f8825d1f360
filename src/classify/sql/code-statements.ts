import type { CallStmt } from '@pgsql/types'
import { inner, ROOT } from './env.ts'
import { call } from './calls.ts'
import type { Walk } from './walk.ts'

/** DO runs a text that may do anything; it is shown to a person, not read. */
export function doBlock(walk: Walk): boolean {
  walk.found.verb('do')
  walk.found.effect('code')
  walk.found.gap('its body is code')
  return false
}

/** CALL runs a procedure, which may do anything and may send a row. */
export function callStatement(walk: Walk, body: CallStmt): boolean {
  walk.found.verb('call')
  walk.found.effect('code')
  if (body.funccall !== undefined) call(walk, body.funccall, inner(ROOT))
  walk.found.gap('what a procedure does is not known')
  return true
}

export function loadLibrary(walk: Walk): boolean {
  walk.found.verb('load')
  walk.found.effect('code')
  walk.found.effect('file')
  return false
}
