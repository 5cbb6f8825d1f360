import { applyRow } from '../apply.ts'
import { HOME, resolveDirectory, UNKNOWN } from '../paths.ts'
import { within, type Call } from '../scope.ts'
import { steersPrograms, steersShell } from '../variables.ts'
import type { Argument } from '../words.ts'
import { named } from './named.ts'

/** The rest of the line may run in another folder. */
function changeDirectory(call: Call): void {
  const { args, draft, line, scope } = call
  draft.add(['output'])
  const [to] = args.filter(({ text }) => text === undefined || !/^-[LPe@]+$|^--$/.test(text))
  const from = line.directories
  if (
    scope.environment.has('CDPATH') ||
    to?.text === '-' ||
    call.name === 'popd' ||
    (call.name === 'pushd' && (to === undefined || /^[-+]/.test(to.written)))
  ) {
    line.enter([UNKNOWN])
    return
  }
  if (to === undefined) {
    line.enter([line.home])
    return
  }
  if (to.kind !== 'literal') {
    line.enter([UNKNOWN])
    return
  }
  draft.useArgument(to, 'list', from)
  // By its real name a link is another folder, and `..` leads above that one.
  if (args.some(({ text }) => text !== undefined && /^-[a-zA-Z]*P/.test(text)) && to.written.includes('..')) {
    line.enter([UNKNOWN])
    return
  }
  line.enter(from.map((folder) => resolveDirectory(to.text ?? '', folder) ?? UNKNOWN))
}

/** export, declare and their kin: values for this shell, and with -x for every program that it starts. */
function declare(call: Call): void {
  const { args, draft, name, line } = call
  draft.add(['output'])
  line.assigns()
  const options = args.filter(({ text }) => text !== undefined && /^[-+]\w/.test(text)).map(({ text }) => text ?? '')
  draft.options.push(...options)
  const exports = name === 'export' || options.some((option) => option.startsWith('-') && option.includes('x'))
  // A function that is exported runs in every bash below; a name reference can stand for any variable.
  if (options.some((option) => /[fn]/.test(option))) draft.add(['environment'])
  // The name may be one of an array already.
  if (args.some(({ text, written }) => text === undefined && !/^\w+\+?=\(/.test(written)))
    draft.hide('the shell reads the words of an array once more')
  if (options.some((option) => option.includes('i'))) draft.hide('whatever this variable is given is worked out')
  for (const arg of args) if (!options.includes(arg.text ?? '')) declareOne(call, arg, exports)
}

function declareOne({ draft }: Call, { patterns, text, written }: Argument, exports: boolean): void {
  const [name] = (patterns[0] ?? '').split('=', 1)
  if (name === undefined || !/^[A-Za-z_]\w*(\[\w*\])?\+?$/.test(name)) {
    draft.hide(`a variable is named only at run time: ${written}`)
    return
  }
  const assigns = (patterns[0] ?? '').includes('=')
  const value = text?.slice(name.length + 1)
  // In quotes too, an array is read once more by the shell.
  if (value?.startsWith('(') === true) draft.hide(`the shell reads this once more: ${written}`)
  const bare = name.replace(/(\[.*)?\+?$/, '')
  const steers = exports ? steersPrograms(bare, assigns ? value : undefined) : assigns && steersShell(bare, value)
  if (steers) draft.add(['environment'])
}

/** read and its kin give variables what nobody here knows. */
function reading(call: Call): void {
  const { args, draft, line, name } = call
  draft.add(['output'])
  line.assigns()
  if (name === 'mapfile' || name === 'readarray') {
    if (args.some(({ text }) => text === undefined || /^-[a-zA-Z]*C/.test(text))) draft.add(['code'])
  }
  for (const { text, written, kind } of args) {
    if (text === undefined || kind !== 'literal') draft.gap(`a variable is named only at run time: ${written}`)
    else if (text.includes('[')) draft.hide(`a subscript is worked out by the shell: ${written}`)
    else if (steersShell(text.replace(/^-[A-Za-z]*a(?=.)/, ''))) draft.add(['environment'])
  }
}

/** `wait -p NAME` gives a variable a value. */
function wait({ args, draft }: Call): void {
  draft.add(['output'])
  if (args.some(({ text }) => text === undefined || /^-[a-z]*p/.test(text))) draft.hide('wait assigns a variable')
}

/** Looking at variables, aliases and options changes nothing; setting them does. */
function looksOrChanges(call: Call): void {
  const { args, draft, name } = call
  draft.options.push(...args.filter(({ text }) => text?.startsWith('-') === true).map(({ text }) => text ?? ''))
  const looks = args.length === 0 || args.every(({ text }) => text !== undefined && LOOKS[name]?.test(text) === true)
  if (looks) {
    draft.add([name === 'set' ? 'system-read' : 'output'])
    return
  }
  // What only makes the rest of the line end sooner, or shows it.
  if (
    name === 'set' &&
    args.every(({ text }) => text !== undefined && /^[-+][euxo]+$|^pipefail$|^errexit$|^nounset$|^xtrace$/.test(text))
  ) {
    draft.add(['output'])
    return
  }
  draft.add(['environment'])
  if (name === 'set' && args.some(({ text }) => text === undefined || /history/.test(text))) draft.add(['audit'])
}

const LOOKS: Readonly<Record<string, RegExp>> = {
  alias: /^-p$/,
  set: /^[-+]o$/,
  shopt: /^-p$/,
  bind: /^-[lpPsSvVX]$/,
  complete: /^-p$/,
  enable: /^-[ap]$/,
  hash: /^-[lt]$/,
}

/** A line that runs at a signal, or at the end. */
function trap(call: Call): void {
  const { args, draft, line, scope, name } = call
  const [first, ...signals] = args
  if (first === undefined || first.text === '-l' || first.text === '-p') {
    draft.add(['output'])
    return
  }
  draft.add(['environment'])
  if (signals.length === 0 || first.text === '-' || first.text === '') return
  if (first.text === undefined) draft.hide(`a line for later is known only at run time: ${first.written}`)
  else line.read(first.text, first, within(scope, name))
}

/** `test -v name[…]` works out the subscript, and with it whatever command stands in it. */
function test(call: Call): void {
  const { args, draft, line } = call
  draft.add(['output'])
  args.forEach((arg, index) => {
    const before = args[index - 1]?.text
    if (before === '-v' && (arg.text === undefined || arg.text.includes('[')))
      draft.hide(`a variable is named only at run time: ${arg.written}`)
    if (before !== undefined && /^-[abcdefghkLOGNprsStuwx]$/.test(before) && arg.text !== ']')
      draft.useArgument(arg, 'list', line.directories)
  })
}

function printf({ args, draft, line }: Call): void {
  draft.add(['output'])
  const [first, name] = args
  if (first?.text === undefined ? first?.mayDash !== true : !first.text.startsWith('-v')) return
  line.assigns()
  const variable = first?.text === '-v' ? name?.text : first?.text?.slice(2)
  if (variable === undefined) draft.gap('a variable is named only at run time')
  else if (variable.includes('[')) draft.hide(`a subscript is worked out by the shell: ${variable}`)
  else if (steersShell(variable)) draft.add(['environment'])
}

/** Arithmetic in a word: what variables hold is worked out in turn. */
function lets(call: Call): void {
  call.line.assigns()
  call.draft.add(['output'])
  if (call.args.some(({ text }) => text === undefined || !/^[\w+\-*/%<>=!&|^~() ]*$/.test(text)))
    call.draft.hide('arithmetic is known only at run time')
  for (const { text } of call.args)
    if (text?.match(/[A-Za-z_]\w*/g)?.some((name) => steersShell(name)) === true) call.draft.add(['environment'])
    else if (text !== undefined && !/^\w+=[\d +*/-]*$/.test(text))
      call.draft.hide('arithmetic works out what variables hold, commands included')
}

/** Names at any rate: `unset LESSSECURE`. */
function unset(call: Call): void {
  call.draft.add(['output'])
  call.line.assigns()
  for (const { text, written } of call.args) {
    if (text === undefined || text.includes('[')) call.draft.hide(`a variable is named only at run time: ${written}`)
    else if (steersShell(text, '') || text === '-f') call.draft.add(['environment'])
  }
}

/** Without arguments umask and ulimit only tell. */
function limits({ args, draft }: Call): void {
  draft.add(
    args.every(({ text }) => text !== undefined && /^-[a-zA-Z]+$/.test(text)) ? ['system-read'] : ['environment'],
  )
}

function history(call: Call): void {
  applyRow(call)
  call.draft.usePath(`${HOME}/.bash_history`, 'list', call.line.directories)
}

export const STATE = {
  ...named('cd pushd popd', changeDirectory),
  ...named('export declare typeset readonly local', declare),
  ...named('read mapfile readarray getopts', reading),
  ...named('alias unalias enable bind complete compopt set shopt hash', looksOrChanges),
  ...named('umask ulimit', limits),
  ...named('test [', test),
  trap,
  printf,
  wait,
  let: lets,
  unset,
  history,
}
