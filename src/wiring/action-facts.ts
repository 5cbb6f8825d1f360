import { classifyAction } from '../classify/shell/action.ts'
import type { ActionFacts } from '../model/action-facts.ts'
import type { Statement } from '../model/statement.ts'
import type { Sent } from '../policy/example.ts'

type SentAction = Exclude<Sent, { readonly sql: string }>

/** Facts of something that is done over SSH, as a session would find them. */
export const actionFacts = (sent: SentAction): readonly ActionFacts[] => classifyAction(statementOf(sent))

/** An example has no environment and no terminal; where it names no directory, it is the account's own. */
function statementOf(sent: SentAction): Exclude<Statement, { kind: 'sql' }> {
  if ('command' in sent) {
    const { command: text, directory } = sent
    return { kind: 'shell', text, directory, environment: new Map(), terminal: false }
  }
  if ('file' in sent) {
    const { file: operation, path, to, by = 'sftp' } = sent
    return { kind: 'file', by, operation, path, to, resolved: true }
  }
  if ('forward' in sent) return { kind: 'forward', direction: sent.forward, host: sent.host, port: sent.port }
  return { kind: 'open' }
}
