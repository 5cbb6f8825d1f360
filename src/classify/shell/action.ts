import type { ActionFacts, OpenFacts } from '../../model/action-facts.ts'
import type { ShellStatement, Statement } from '../../model/statement.ts'
import { classifyLine } from './classify.ts'
import { fileFacts } from './file-facts.ts'
import { forwardFacts } from './forward-facts.ts'
import { transferCommand, transferStatements } from './transfer-command.ts'

const OPEN: OpenFacts = { kind: 'shell', effects: ['shell'], complete: true, gaps: [] }

/** What a statement over SSH does. Pure and total. The far side of a transfer program is a command and, besides, what it does to files. */
export function classifyAction(statement: Statement): readonly ActionFacts[] {
  switch (statement.kind) {
    case 'shell':
      return [...classifyLine(statement), ...transferFacts(statement)]
    case 'open':
      return [OPEN]
    case 'file':
      return [fileFacts(statement)]
    case 'forward':
      return [forwardFacts(statement)]
    case 'sql':
      // Nobody sends SQL to a host; whoever did would have no facts to be judged by.
      return [{ ...OPEN, effects: ['hidden'] }]
  }
}

function transferFacts({ text, directory }: ShellStatement): readonly ActionFacts[] {
  const transfer = transferCommand(text)
  return transfer === undefined ? [] : transferStatements(transfer, directory).map(fileFacts)
}
