import { readFileSync } from 'node:fs'
import { classifyLine } from '../../../src/classify/shell/classify.ts'
import { PAGER_ENVIRONMENT } from '../../../src/classify/shell/variables.ts'
import type { CommandFacts } from '../../../src/model/action-facts.ts'
import type { ShellStatement } from '../../../src/model/statement.ts'

const linesOf = (name: string): readonly string[] =>
  readFileSync(new URL(`../../corpus/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))

const written = (line: string): string => line.replaceAll('⏎', '\n')

/** A line that must not pass, and what of it must be seen. */
export interface Evasion {
  readonly must: readonly string[]
  readonly text: string
}

export const everyday = (): readonly string[] => linesOf('shell-everyday.txt').map(written)

export const evasions = (): readonly Evasion[] =>
  linesOf('shell-evasions.txt').map((line) => {
    const [must = '', text = ''] = line.split('\t')
    return { must: must.split(','), text: written(text) }
  })

/** The line as the prompt sends it: with a terminal, and with pagers told to be safe. */
export const typed = (text: string, more: Partial<ShellStatement> = {}): ShellStatement => ({
  kind: 'shell',
  text,
  directory: undefined,
  environment: PAGER_ENVIRONMENT,
  terminal: true,
  ...more,
})

export const facts = (text: string, more: Partial<ShellStatement> = {}): readonly CommandFacts[] =>
  classifyLine(typed(text, more))

/** Every effect of every command of the line, once. */
export const effects = (text: string, more: Partial<ShellStatement> = {}): readonly string[] =>
  [...new Set(facts(text, more).flatMap((one) => one.effects))].toSorted()

/** What of `must` no command of the line shows. */
export function unseen(commands: readonly CommandFacts[], must: readonly string[]): readonly string[] {
  const seen = new Set<string>(commands.flatMap((one) => one.effects))
  return must.filter((word) => (word === 'incomplete' ? commands.every(({ complete }) => complete) : !seen.has(word)))
}
