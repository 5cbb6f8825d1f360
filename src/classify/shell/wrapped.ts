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
  const [role] = row.operands ?? []
  if (role !== undefined) for (const operand of parsed.operands) applyRole(call, role, operand)
  for (const { rows, value } of parsed.options)
    for (const option of rows) {
      draft.add(option.adds ?? [])
      if (option.value !== undefined && value !== undefined) applyRole(call, option.value, value)
    }
  const { words, environment } = assigned(call, wraps, parsed)
  if (name === 'env') splitsStrings(call, parsed)
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
    ...(name === 'xargs' && { input: 'open', found: namesFrom(call, parsed) }),
  }
  if (words.length === 0) {
    alone(call, parsed, wraps)
    return
  }
  if (wraps.joins) joined(call, words, scope)
  else run(call, words, scope)
}

/** env -S takes a string apart by rules of its own, and hands the words behind it to the program in there. */
function splitsStrings({ draft }: Call, parsed: Parsed): void {
  const strings = valuesOf(parsed, '-S --split-string')
  const isPlain = strings.every((text) => /^[\w@%+=:,./ -]*$/.test(text?.text ?? '\0')) && parsed.rest.length === 0
  if (strings.length > 0 && !isPlain) draft.hide('env makes words of this by rules of its own')
}

function run(call: Call, words: readonly Argument[], scope: Scope): void {
  const { draft, line, name } = call
  draft.via.push(name)
  draft.add(scope.inherited)
  draft.account = scope.account
  line.judge(name === 'xargs' ? fed(call, scope, words) : words, draft, scope)
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
function fed(call: Call, scope: Scope, words: readonly Argument[]): readonly Argument[] {
  const parsed = parseArguments(call.args, call.row, { operands: 0 })
  const marks = valuesOf(parsed, '-I -i --replace').map((mark) => (mark === undefined ? '{}' : (mark.text ?? '')))
  const last = words.at(-1) ?? literal('', { start: 0, end: 0 })
  if (marks.length === 0) return [...words, appended(scope, last)]
  const filled = words.map((word) =>
    marks.some((mark) => word.patterns.some((pattern) => pattern.includes(mark)))
      ? unknownArgument(word.written, word)
      : word,
  )
  // Of two marks the last one counts, and behind -n and -L none does: then what is read is appended after all.
  const isPlain = marks.length === 1 && !hasOption(parsed, '-n -L -l --max-args --max-lines')
  return isPlain ? filled : [...filled, unknownArgument('what xargs reads', last)]
}

/** Folders in which the person may give files any name, blanks and whole paths behind them included. */
const ANYBODYS = /^(?!\/)|^\/(tmp|var\/tmp|dev\/shm|home|root|Users)(\/|$)/

/** Names that a `find` makes, where xargs reads them as they were made: at blanks it would make other names of them. */
function namesFrom({ scope, line }: Call, parsed: Parsed): readonly string[] | undefined {
  if (hasOption(parsed, '-a --arg-file')) return undefined
  if (hasOption(parsed, '-0 --null')) return scope.found
  const places = scope.found?.flatMap((name) => (/^[/~]/.test(name) ? [name] : line.directories)) ?? []
  return places.some((place) => ANYBODYS.test(place)) ? undefined : scope.found
}

/** What xargs adds to the words of its command: names that a `find` made, or anything. */
function appended({ found }: Scope, last: Argument): Argument {
  const unknown = unknownArgument('what xargs reads', last)
  if (found === undefined) return unknown
  return { ...unknown, patterns: found, kind: 'loop', mayDash: found.some((pattern) => !/^[/~.]/.test(pattern)) }
}
