import type { Assignment, Command, CommandArgument, Redirected, Redirection, Word } from 'unbash'
import type { Draft } from './draft.ts'
import type { Line } from './line.ts'
import type { Scope } from './scope.ts'
import { steersPrograms, steersShell } from './variables.ts'
import { expandWord, type Argument } from './words.ts'

/** Judges one simple command: its assignments, its redirections, its words. Of a compound only what is redirected. */
export function judgeCommand(node: Command | Redirected, scope: Scope, line: Line): void {
  const draft = line.open({ start: node.pos, end: node.end }, scope)
  const [assignments, words] = node.type === 'Command' ? partsOf(node) : [[], []]
  if (!line.affords(weightOf(words) + assignments.length + node.redirects.length)) return
  for (const part of [...assignments, ...words, ...node.redirects]) line.inside(part, draft, scope)
  const own = redirected(node.redirects, { draft, scope, line })
  const args = words.flatMap((word) => afforded(argumentsOf(word, own, line), line))
  const environment = assigned(assignments, { draft, scope: own, line }, args.length > 0)
  line.judge(args, draft, { ...own, environment })
}

function partsOf({ name, prefix, args }: Command): [readonly Assignment[], readonly CommandArgument[]] {
  const assignments = prefix.filter((part) => part.type === 'Assignment')
  return [assignments, name === undefined ? args : [name, ...args]]
}

/** Words, and what the shell expands in them. */
function weightOf(words: readonly CommandArgument[]): number {
  let weight = words.length
  for (const word of words)
    for (const part of (word.type === 'Word' ? word.parts : undefined) ?? [])
      weight += part.type === 'DoubleQuoted' ? part.parts.length : 1
  return weight
}

/** A word of a loop is as many as its variable has values, and one with braces as many as they write out. */
const afforded = (args: readonly Argument[], line: Line): readonly Argument[] =>
  line.affords(args.reduce((sum, { patterns }) => sum + patterns.length, 0) - 1) ? args : []

interface Place {
  readonly draft: Draft
  readonly scope: Scope
  readonly line: Line
}

function argumentsOf(part: CommandArgument, { bound }: Scope, { home }: Line): readonly Argument[] {
  if (part.type === 'Word') return expandWord(part, { bound, home })
  const { name, text, pos: start, end, value } = part
  const [known] = value.type === 'Word' ? expandWord(value, { bound, home }) : []
  const literal = known?.kind === 'literal' && known.text !== undefined
  const pattern = `${name}=${known?.patterns[0] ?? ''}`
  return [
    {
      written: text,
      patterns: [pattern],
      text: literal ? pattern : undefined,
      kind: literal ? 'literal' : 'run-time',
      mayDash: false,
      start,
      end,
    },
  ]
}

/** Variables set for the command, or for the rest of the line where there is none. */
function assigned(
  assignments: readonly Assignment[],
  { draft, scope, line }: Place,
  hasWords: boolean,
): ReadonlyMap<string, string> {
  if (assignments.length === 0) return scope.environment
  const environment = new Map(scope.environment)
  for (const { name, value } of assignments) {
    const [known] = value.type === 'Word' ? expandWord(value, { bound: scope.bound, home: line.home }) : []
    const text = known?.kind === 'literal' ? known.text : undefined
    const exported = hasWords || scope.environment.has(name)
    if (exported ? steersPrograms(name, text) : steersShell(name, text)) draft.add(['environment'])
    environment.set(name, text ?? '')
  }
  draft.add(['output'])
  return hasWords ? environment : scope.environment
}

/** Files that the shell itself opens for the command. */
function redirected(redirects: readonly Redirection[], place: Place): Scope {
  let { scope } = place
  for (const redirect of redirects) {
    if (redirect.operator.startsWith('<') && redirect.operator !== '<&')
      scope = { ...scope, input: 'given', found: undefined }
    else scope = { ...scope, onTerminal: scope.onTerminal && redirect.operator.endsWith('&') }
    if (redirect.descriptor?.type === 'FileDescriptorVariable' && steersShell(redirect.descriptor.name))
      place.draft.add(['environment'])
    if (redirect.type === 'Redirect') openFile(redirect.operator, redirect.target, place)
  }
  return scope
}

function openFile(operator: string, target: Word | undefined, { draft, scope, line }: Place): void {
  if (target === undefined) {
    draft.gap('a redirection leads nowhere')
    return
  }
  // A number, or a dash to close it: no file.
  if (operator.endsWith('&') && /^(\d+-?|-)$/.test(target.text)) return
  if (operator.endsWith('&') && !/^[\w/.,:=@%+~-]+$/.test(target.text))
    draft.hide(`the shell expands ${target.text} twice, whatever quotes stand around it`)
  const args = expandWord(target, { bound: scope.bound, home: line.home })
  for (const arg of args) {
    if (operator === '<') draft.useArgument(arg, 'read', line.directories)
    else draft.useArgument(arg, 'write', line.directories)
  }
}
