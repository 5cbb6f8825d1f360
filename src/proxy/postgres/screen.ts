import type { SqlFacts } from '../../model/facts.ts'
import { refused, type Refused } from '../../session/ruling.ts'
import type { Tracking } from './tracking.ts'

/** Objections of the protocol's own: names that belong to the other way of making them, copies whose cells no mask can follow. */
export function screen(facts: readonly SqlFacts[], tracking: Tracking): Refused | undefined {
  for (const one of facts) {
    const objection = nameObjection(one, tracking) ?? copyObjection(one)
    if (objection !== undefined) return objection
  }
  return undefined
}

/** SQL may drop a protocol-made statement (drivers do), never run or read one: what it stands for was judged another way. */
function nameObjection(facts: SqlFacts, tracking: Tracking): Refused | undefined {
  for (const use of facts.names) {
    const { statements, portals } = tracking
    if (use.kind === 'execute' && statements.get(use.name)?.madeBy === 'protocol')
      return madeByProtocol('prepared statement', use.name)
    if (use.kind === 'fetch' && portals.get(use.name)?.madeBy === 'protocol') return madeByProtocol('portal', use.name)
    if (use.kind === 'close' && use.name !== undefined && portals.get(use.name)?.madeBy === 'protocol')
      return madeByProtocol('portal', use.name)
  }
  return undefined
}

const madeByProtocol = (what: string, name: string): Refused =>
  refused('names', `${what} "${name}" was made by a protocol message and cannot be used by SQL here`)

function copyObjection({ copy, output }: SqlFacts): Refused | undefined {
  if (copy?.direction !== 'out' || output.kind !== 'origin') return undefined
  if (copy.table !== undefined && copy.standardOptions) return undefined
  const message = 'this COPY would carry card data in a form that cannot be masked'
  return refused('denied', message, {
    hint: 'COPY the table itself with no options but FORMAT and HEADER, or use SELECT.',
  })
}
