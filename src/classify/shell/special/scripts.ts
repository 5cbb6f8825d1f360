import { applyRow } from '../apply.ts'
import { hasOption, unknownOptions, valuesOf, type Parsed } from '../arguments.ts'
import type { Call } from '../scope.ts'
import type { Argument } from '../words.ts'
import { awkFaults } from './awk-program.ts'
import { named } from './named.ts'
import { sedUses } from './sed-script.ts'

/** sed edits text; its scripts can also run programs (e), and read and write files (r, w). */
function sed(call: Call): void {
  const { draft, line } = call
  const parsed = applyRow(call)
  strictly(call, parsed)
  const given = valuesOf(parsed, '-e --expression')
  const fromFile = hasOption(parsed, '-f --file')
  const scripts = given.length > 0 || fromFile ? given : parsed.operands.slice(0, 1)
  const files = given.length > 0 || fromFile ? parsed.operands : parsed.operands.slice(1)
  for (const script of scripts) sedScript(call, script)
  if (!hasOption(parsed, '-i --in-place')) return
  const [suffix] = valuesOf(parsed, '-i --in-place').flatMap((value) => value?.text ?? [])
  if (suffix?.includes('*') === true) draft.gap('copies are kept under names that the suffix makes up')
  for (const file of files) {
    draft.useArgument(file, 'write', line.directories)
    if (suffix !== undefined)
      for (const pattern of file.patterns) draft.usePath(pattern + suffix, 'write', line.directories)
  }
}

/** Behind an option that nobody knows the script may be another word. */
function strictly({ draft, name }: Call, parsed: Parsed): void {
  for (const option of unknownOptions(parsed, undefined))
    draft.gap(`whether ${option.name} of ${name} takes the word behind it is not known`)
}

function sedScript({ draft, line }: Call, script: Argument | undefined): void {
  if (script?.text === undefined) {
    draft.hide('a script of sed is known only at run time')
    return
  }
  const uses = sedUses(script.text)
  if (uses === undefined) {
    draft.add(['code'])
    return
  }
  for (const { path, does } of uses) draft.usePath(path, does, line.directories)
}

/** awk has a language of its own, in which programs can be run and files written. */
function awk(call: Call): void {
  const { draft } = call
  const parsed = applyRow(call)
  strictly(call, parsed)
  const given = valuesOf(parsed, '-e --source')
  const fromFile = hasOption(parsed, '-f --file -E --exec')
  const programs = given.length > 0 || fromFile ? given : parsed.operands.slice(0, 1)
  for (const program of programs) {
    if (program?.text === undefined) draft.hide('a program of awk is known only at run time')
    else if (awkFaults(program.text)) draft.add(['code'])
  }
}

export const SCRIPTS = { sed, ...named('awk gawk mawk nawk original-awk', awk) }
