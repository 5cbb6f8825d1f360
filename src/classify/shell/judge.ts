import type { ActionEffect } from '../../model/action-facts.ts'
import { applyRow } from './apply.ts'
import type { Draft } from './draft.ts'
import { resolvePath } from './paths.ts'
import { programNamed } from './programs/table.ts'
import type { Call, Reader, Scope } from './scope.ts'
import { SPECIALS } from './specials.ts'
import { applyWrapper } from './wrapped.ts'
import type { Argument } from './words.ts'

/** Folders whose programs are the ones that the table knows. */
const SYSTEM =
  /^(\/usr(\/local)?)?\/s?bin\/[^/]+$|^\/snap\/bin\/[^/]+$|^\/usr\/lib\/(openssh\/sftp-server|git-core\/[^/]+)$/

/** What runs a program, and how deep wrappers may stand in each other. */
const MAX_DEPTH = 12

/** Judges the words of one command: the first of them is the program. */
export function judgeWords(words: readonly Argument[], place: { draft: Draft; scope: Scope; line: Reader }): void {
  const { draft, scope, line } = place
  const [first, ...args] = words
  if (first === undefined) return
  draft.word = first.written
  draft.arguments = args.map(({ text }) => text)
  if (first.kind !== 'literal' || first.text === undefined) {
    draft.hide(`the program is known only at run time: ${first.written}`)
    return
  }
  if (scope.depth > MAX_DEPTH) {
    draft.hide('programs run programs deeper than is followed here')
    return
  }
  const name = first.text.slice(first.text.lastIndexOf('/') + 1)
  draft.program = name
  const row = isElsewhere(first.text, draft, line) ? undefined : programNamed(name)
  if (row === undefined) unknownProgram(args, place)
  else judgeProgram({ name, args, row, ...place })
}

/** A path to a program outside the system's own folders: whatever it is called, it is another one. */
function isElsewhere(word: string, draft: Draft, { directories }: Reader): boolean {
  if (!word.includes('/')) return false
  if (resolvePath(word, directories).every(({ pattern, gap }) => gap === undefined && SYSTEM.test(pattern)))
    return false
  for (const { path, absolute } of resolvePath(word, directories)) draft.paths.push({ path, absolute, does: 'run' })
  return true
}

function unknownProgram(args: readonly Argument[], { draft }: { draft: Draft }): void {
  draft.add(['unknown-program'])
  for (const { text } of args)
    if (text?.startsWith('-') === true && text !== '-') draft.options.push(text.split('=')[0] ?? text)
}

/** How programs are asked for their version, where it is not `--version`. */
const VERSION: readonly (readonly [RegExp, RegExp])[] = [
  [/^(python|pypy)[\d.]*$|^ssh$/, /^-V$/],
  [/^(perl|php|ruby|lua|node|nodejs)$/, /^-v$/],
  [/^java$/, /^--?version$/],
  [/^nginx$/, /^-[vVt]$/],
  [/^go$/, /^version$/],
]

/** Effects of programs that may take whatever they are given for a command. */
const RASH = new Set<ActionEffect>(['service', 'kernel', 'disk'])

/** Programs that take such a question for nothing, and open their prompt all the same. */
const DEAF = /^(tclsh|wish|erl|csh|d8|jrunscript)[\d.]*$/

/** A program that is only asked what it is. */
function isAsked({ name, args, row }: Call): boolean {
  const [only, ...others] = args
  if (only?.text === undefined || others.length > 0 || only.kind !== 'literal') return false
  if (VERSION.some(([program, option]) => program.test(name) && option.test(only.text ?? ''))) return true
  return (
    /^--(version|help)$/.test(only.text) && !DEAF.test(name) && row.effects?.some((effect) => RASH.has(effect)) !== true
  )
}

function judgeProgram(call: Call): void {
  if (isAsked(call)) {
    call.draft.options.push(...call.draft.arguments.flatMap((word) => word ?? []))
    call.draft.add(['system-read'])
    return
  }
  const special = SPECIALS.get(call.name)
  if (special !== undefined) {
    special(call)
    return
  }
  if (call.row.wraps !== undefined) {
    applyWrapper(call, call.row.wraps)
    return
  }
  applyRow(call)
}
