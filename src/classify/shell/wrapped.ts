import { applyCut, applyRole } from './apply.ts'
import { hasOption, parseArguments, unknownOptions, valuesOf, type Parsed } from './arguments.ts'
import { literal, unknownArgument, type Argument } from './words.ts'
import type { Wrap } from './programs/row.ts'
import { within, type Call, type Scope } from './scope.ts'
import { steersPrograms } from './variables.ts'

/** Judges a program that runs another one: the command behind it becomes the command of the same draft. */
export function applyWrapper(call: Call, wraps: Wrap): void {
  const { args, row, draft, name } = call
  const parsed = parseArguments(args, row, { operands: wraps.skips ?? 0 })
  draft.add(row.effects ?? [])
  for (const { rows, value } of parsed.options)
    for (const option of rows) {
      draft.add(option.adds ?? [])
      if (option.value !== undefined && value !== undefined) applyRole(call, option.value, value)
    }
  const { words, environment } = assigned(call, wraps, parsed)
  const mayBeOption = parsed.unsure.find((arg) => arg !== words[0])
  if (mayBeOption !== undefined) draft.gap(`${mayBeOption.written} is known only at run time and may be an option`)
  if (
    (hasOption(parsed, '-C --chdir --chroot') && (name === 'env' || name === 'sudo')) ||
    (name === 'sudo' && hasOption(parsed, '-D -R'))
  )
    draft.gap(`${name} runs this in another folder`)
  applyCut(draft, parsed)
  for (const option of unknownOptions(parsed, undefined))
    draft.gap(`whether ${option.name} of ${name} takes the word behind it is not known`)
  const account = accountOf(parsed, wraps)
  const scope: Scope = {
    ...within(call.scope, name, wraps.adds ?? []),
    environment,
    account: account ?? call.scope.account,
    ...(name === 'xargs' && { input: 'open' }),
  }
  if (words.length === 0) {
    alone(call, parsed, wraps)
    return
  }
  if (wraps.joins) joined(call, words, scope)
  else run(call, words, scope)
}

function run(call: Call, words: readonly Argument[], scope: Scope): void {
  const { draft, line, name } = call
  draft.via.push(name)
  draft.add(scope.inherited)
  draft.account = scope.account
  line.judge(name === 'xargs' ? fed(call, words) : words, draft, scope)
}

/** Without a command of its own a wrapper tells something, or opens a shell. */
function alone({ draft, name, args }: Call, parsed: Parsed, wraps: Wrap): void {
  draft.options.push(...parsed.options.map((option) => option.name))
  draft.program = name
  draft.arguments = args.map(({ text }) => text)
  draft.add(wraps.alone)
}

/** Words that are read again as one line. What the shell made of a wildcard would be read as well. */
function joined(call: Call, words: readonly Argument[], scope: Scope): void {
  const { draft, line, name } = call
  draft.program = name
  const texts = words.map(({ text, kind }) => (kind === 'literal' ? text : undefined))
  const known = texts.filter((text) => text !== undefined)
  draft.arguments = words.map(({ text }) => text)
  const span = { start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0 }
  if (known.length < texts.length) draft.hide(`${name} runs a line that is known only at run time`)
  else line.read(known.join(' '), span, scope)
}

function accountOf(parsed: Parsed, wraps: Wrap): string | undefined {
  if (wraps.account === undefined) return undefined
  const named = valuesOf(parsed, wraps.account)
  if (named.length === 0) return wraps.otherwise
  return named.at(-1)?.text ?? '*'
}

interface Assigned {
  readonly words: readonly Argument[]
  readonly environment: ReadonlyMap<string, string>
}

/** NAME=value words before the command. */
function assigned({ draft, scope, name }: Call, wraps: Wrap, parsed: Parsed): Assigned {
  const empties = name === 'env' && hasOption(parsed, '-i --ignore-environment -u --unset')
  // sudo keeps what pagers are told only where its rules say so.
  const environment = new Map(empties || name === 'sudo' ? [] : scope.environment)
  if (wraps.assigns !== true) return { words: parsed.rest, environment }
  const at = parsed.rest.findIndex(({ patterns }) => !/^[A-Za-z_]\w*=/s.test(patterns[0] ?? ''))
  const split = at < 0 ? parsed.rest.length : at
  for (const { patterns, text } of parsed.rest.slice(0, split)) {
    const [variable] = (patterns[0] ?? '').split('=', 1)
    const value = text?.slice((variable ?? '').length + 1)
    environment.set(variable ?? '', value ?? '')
    if (steersPrograms(variable ?? '', value)) draft.add(['environment'])
  }
  return { words: parsed.rest.slice(split), environment }
}

/** The words of the command of xargs with what it reads: behind them, or in the place of the mark that -I names. */
function fed(call: Call, words: readonly Argument[]): readonly Argument[] {
  const mark = markOf(call)
  const last = words.at(-1) ?? literal('', { start: 0, end: 0 })
  if (mark === undefined) return [...words, appended(call.scope, last)]
  return words.map((word) =>
    word.patterns.some((pattern) => pattern.includes(mark)) ? unknownArgument(word.written, word) : word,
  )
}

function markOf({ args }: Call): string | undefined {
  const at = args.findIndex(({ text }) => text !== undefined && /^(-I|-i|--replace)/.test(text))
  const text = args[at]?.text
  if (text === undefined) return undefined
  const glued = text.replace(/^(-I|-i|--replace=?)/, '')
  if (glued !== '') return glued
  return text === '-I' ? (args[at + 1]?.text ?? '') : '{}'
}

/** What xargs adds to the words of its command: names that a `find` made, or anything. */
function appended({ found }: Scope, last: Argument): Argument {
  const unknown = unknownArgument('what xargs reads', last)
  if (found === undefined) return unknown
  return { ...unknown, patterns: found, kind: 'loop', mayDash: found.some((pattern) => !/^[/~.]/.test(pattern)) }
}
