import type { ForwardFacts } from '../../model/action-facts.ts'
import type { ForwardStatement } from '../../model/statement.ts'

/** A name or an address as a resolver takes it; anything else is nothing that a rule's `host` could be compared with. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?)$/
/** Every address of the target, in the words of RFC 4254, section 7.1. */
const EVERYWHERE: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '::'])

/** What one forward does. Pure, total, never throws. */
export function forwardFacts({ direction, host, port }: ForwardStatement): ForwardFacts {
  const isOpen = direction === 'remote' && EVERYWHERE.has(host)
  const gaps = [
    ...(HOST.test(host) || isOpen ? [] : ['a host that is neither a name nor an address']),
    ...(direction === 'local' && (port < 1 || port > 65_535) ? ['no port that a connection could go to'] : []),
    ...(direction === 'remote' && (port < 0 || port > 65_535) ? ['no port that could be listened on'] : []),
  ]
  return { kind: 'forward', effects: ['network'], direction, host, port, complete: gaps.length === 0, gaps }
}
