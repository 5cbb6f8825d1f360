import { parse } from 'unbash'
import type { CommandFacts } from '../../model/action-facts.ts'
import type { ShellStatement } from '../../model/statement.ts'
import { Line } from './line.ts'
import type { Scope } from './scope.ts'
import { textFault } from './text-faults.ts'

/**
 * What a command line does: one entry for each simple command in it, wherever it stands. A line that does nothing has one entry that says so; a
 * line that cannot be read has one that is not complete, with the reason in words. Pure and total: it throws for nothing.
 */
export function classifyLine(statement: ShellStatement): readonly CommandFacts[] {
  const fault = textFault(statement.text)
  if (fault !== undefined) return [unread(statement.text, fault)]
  try {
    const facts = classified(statement)
    return statement.reader === 'unknown' ? facts.map(doubted) : facts
  } catch {
    // The parser or a reader of ours met something that it was not made for: nothing is known, and so nothing passes.
    return [unread(statement.text, 'the line could not be read')]
  }
}

function classified(statement: ShellStatement): readonly CommandFacts[] {
  const line = walked(statement, true)
  const settled = line.assigned ? walked(statement, false) : line
  if (settled.fault !== undefined) return [unread(statement.text, settled.fault)]
  const facts = inBytes(settled.facts(), statement.text)
  return facts.length > 0 ? facts : [{ ...unread(statement.text, ''), effects: ['output'], complete: true, gaps: [] }]
}

function walked(statement: ShellStatement, follows: boolean): Line {
  const line = new Line(statement, follows)
  const scope: Scope = {
    via: [],
    inherited: [],
    account: undefined,
    background: false,
    onTerminal: statement.terminal,
    input: 'open',
    found: undefined,
    environment: statement.environment,
    bound: new Map(),
    depth: 0,
    origin: undefined,
  }
  line.script(parse(statement.text), scope)
  return line
}

/** What another shell than bash would make of the words, nobody has looked at. */
const doubted = (facts: CommandFacts): CommandFacts => ({
  ...facts,
  complete: false,
  gaps: [...facts.gaps, "the account's shell is not known to be bash, so the line may mean something else there"],
})

const unread = (text: string, gap: string): CommandFacts => ({
  kind: 'command',
  effects: ['hidden'],
  program: undefined,
  word: undefined,
  arguments: [],
  options: [],
  paths: [],
  via: [],
  account: undefined,
  readsFrom: [],
  writesTo: [],
  background: false,
  complete: false,
  gaps: [gap],
  span: { start: 0, end: new TextEncoder().encode(text).length },
})

/** The parser counts UTF-16 units; everybody else counts bytes. */
function inBytes(facts: readonly CommandFacts[], text: string): readonly CommandFacts[] {
  const encoder = new TextEncoder()
  if (encoder.encode(text).length === text.length) return facts
  const bytes = (end: number): number => encoder.encode(text.slice(0, end)).length
  return facts.map((one) => ({ ...one, span: { start: bytes(one.span.start), end: bytes(one.span.end) } }))
}
