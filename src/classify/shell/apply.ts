import type { ActionEffect } from '../../model/action-facts.ts'
import { hasOption, parseArguments, unknownOptions, type GivenOption, type Parsed } from './arguments.ts'
import type { Draft } from './draft.ts'
import type { Program, Role } from './programs/row.ts'
import { within, type Call } from './scope.ts'
import { isOn } from './variables.ts'
import { BELOW } from './wildcards.ts'
import type { Argument } from './words.ts'

/** Judges a program by its row alone. */
export function applyRow(call: Call): Parsed {
  const { row, words, known } = withVerb(call)
  // The options of a program's own command are those of its row, so only now can they be told from operands.
  const parsed = parseArguments(call.args, row, { operands: undefined })
  const operands = parsed.operands.slice(words)
  const { draft } = call
  draft.add(row.effects ?? [])
  if (!known) draft.gap(`which command of ${call.name} runs is known only at run time`)
  applyOptions({ ...call, row }, parsed)
  if (operands.length > 0) draft.add(row.given ?? [])
  if (operands.length === 0 && row.absent !== undefined) draft.usePath('.', row.absent, call.line.directories)
  applyOperands({ ...call, row }, operands, parsed)
  applyPager({ ...call, row })
  applyInput({ ...call, row }, operands)
  applyUnknown(call, parsed)
  applyCut(draft, parsed)
  return parsed
}

/** Gaps of options that may be others than they look like. */
export function applyCut(draft: Draft, { cut }: Parsed): void {
  for (const { written } of cut) draft.gap(`${written} is cut short and may be another option`)
}

/** Effects of programs whose arguments may be anything. */
const HARMLESS = new Set<ActionEffect>(['output', 'listing', 'system-read', 'file-read', 'log-read'])

/** What a program that changes something is given has to be known. */
function applyUnknown({ row, draft }: Call, { operands, options }: Parsed): void {
  if (row.inert || [...draft.effects].every((effect) => HARMLESS.has(effect))) return
  const given = [...operands, ...options.flatMap(({ value }) => value ?? [])]
  for (const { kind, text, written } of given)
    if (kind === 'run-time' && text === undefined) draft.gap(`an argument is known only at run time: ${written}`)
}

interface Chosen {
  readonly row: Program
  /** Operands that are the name of the command itself. */
  readonly words: number
  readonly known: boolean
}

/** The row of the program's own command, where it has commands: `systemctl status`. */
function withVerb({ row, args }: Call): Chosen {
  if (row.verbs === undefined) return { row, words: 0, known: true }
  const parsed = parseArguments(args, row, { operands: undefined })
  const { operands } = parsed
  const [first, second] = operands.map(({ text, kind }) => (kind === 'literal' ? text : undefined))
  if (operands.length > 0 && first === undefined) return { row, words: 0, known: false }
  const isSure = unknownOptions(parsed, operands[0]).length === 0 || operands.length === 0
  const verb = first ?? lone(args)
  const long = second === undefined ? undefined : verbNamed(row, `${verb} ${second}`)
  const chosen = long ?? verbNamed(row, verb)
  if (chosen === undefined)
    return { row, words: operands.length, known: operands.every(({ text }) => text !== undefined) }
  return {
    row: { ...row, ...chosen, options: { ...row.options, ...chosen.options } },
    words: long === undefined ? 1 : 2,
    known: isSure && (long === undefined || unknownOptions(parsed, operands[1]).length === 0),
  }
}

const lone = (args: readonly Argument[]): string =>
  args.length === 1 && args[0]?.text?.startsWith('-') ? args[0].text : ''

function verbNamed({ verbs }: Program, verb: string): Program | undefined {
  for (const [names, row] of Object.entries(verbs ?? {})) if (names.split(', ').includes(verb)) return row
  return undefined
}

function applyOptions(call: Call, { options, unsure }: Parsed): void {
  const { draft } = call
  for (const option of options) {
    draft.options.push(option.name)
    applyOption(call, option)
  }
  if (unsure.length > 0 && tells(call.row)) for (const arg of unsure) draft.gap(maybeOption(arg))
}

/** Whether an option of this program can change what it does. */
const tells = ({ options }: Program): boolean =>
  Object.values(options ?? {}).some(
    ({ adds, value }) => adds !== undefined || (value !== undefined && !LOOKED_AT.has(value)),
  )

/** Values that change nothing on the host. */
const LOOKED_AT = new Set<Role>(['text', 'read', 'list'])

const maybeOption = ({ written }: Argument): string => `${written} is known only at run time and may be an option`

function applyOption(call: Call, { value, rows }: GivenOption): void {
  const { draft } = call
  for (const row of rows) {
    draft.add(row.adds ?? [])
    if (row.value !== undefined && value !== undefined) applyRole(call, row.value, value)
  }
}

function applyOperands(call: Call, operands: readonly Argument[], parsed: Parsed): void {
  const { row } = call
  const { options } = parsed
  const isDeep = row.deep === '*' || (row.deep !== undefined && hasOption(parsed, row.deep))
  const roles = row.operands ?? ['text']
  const freed = row.frees?.split(' ') ?? []
  const own = options.some(({ name }) => freed.includes(name)) ? roles.slice(1) : roles
  operands.forEach((operand, index) => {
    const role = own[Math.min(index, own.length - 1)]
    if (role !== undefined) applyRole(call, role, operand)
    if (role !== undefined && isDeep) applyBelow(call, role, operand)
  })
  // Without a folder the search begins where the shell stands.
  if (isDeep && operands.length < (own.length > 1 ? 2 : 1)) call.draft.usePath(BELOW, 'read', call.line.directories)
}

function applyBelow({ draft, line }: Call, role: Role, { patterns }: Argument): void {
  if (role === 'text' || role === 'code' || role === 'line' || role === 'names') return
  for (const pattern of patterns) draft.usePath(`${pattern.replace(/\/+$/, '')}/${BELOW}`, role, line.directories)
}

/** What it means that the program gets this argument in this place. */
export function applyRole(call: Call, role: Role, arg: Argument): void {
  const { draft, line } = call
  if (role === 'text') return
  if (role === 'line') readLine(call, arg)
  else if (role === 'code') applyCode(draft, arg)
  else if (role === 'names') applyNames(call, arg)
  else if (arg.text !== '-') draft.useArgument(arg, role, line.directories)
}

function applyNames({ draft, line }: Call, arg: Argument): void {
  draft.useArgument(arg, 'read', line.directories)
  draft.gap(`the names of more files stand in ${arg.written}`)
}

export function applyCode(draft: Draft, { text, written, kind }: Argument): void {
  draft.add(['code'])
  if (text === undefined || kind !== 'literal') draft.hide(`code is known only at run time: ${written}`)
}

/** A word that the program hands to a shell. */
export function readLine(call: Call, arg: Argument): void {
  const { name, draft, scope, line } = call
  if (arg.text === undefined || arg.kind !== 'literal')
    draft.hide(`a command line is known only at run time: ${arg.written}`)
  else line.read(arg.text, arg, within(scope, name))
}

/** On a terminal a pager opens, and out of most of them a shell. */
function applyPager({ row, draft, scope }: Call): void {
  if (row.pager === undefined || !scope.onTerminal) return
  const { environment } = scope
  const off = draft.options.includes('--no-pager') || environment.get('PAGER') === 'cat'
  const safe = isOn(environment.get(row.pager === 'systemd' ? 'SYSTEMD_PAGERSECURE' : 'LESSSECURE'))
  if (!off && !safe) draft.add(['shell'])
}

/** Interpreters read code from their input where they are given none. */
function applyInput({ row, draft, scope, name }: Call, operands: readonly Argument[]): void {
  if (row.readsCode !== true || scope.input === 'open') return
  if (operands.length > 0 && operands[0]?.text !== '-') return
  draft.add(['code'])
  draft.hide(`${name} runs what it reads from its input`)
}
