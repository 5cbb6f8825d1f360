import { applyCode, applyRow, readLine } from '../apply.ts'
import { hasOption, parseArguments, valuesOf } from '../arguments.ts'
import { within, type Call } from '../scope.ts'
import { applyWrapper } from '../wrapped.ts'
import { named } from './named.ts'

const ROW = {
  takes: '-o +o -O +O',
  options: { '--rcfile --init-file': { value: 'code' }, '-c': {}, '--debugger': { value: 'text', glued: true } },
} as const

/** `bash -c 'ls'` is the line ls; everything else opens a shell, or runs text that is not in sight. */
function shell(call: Call): void {
  const { args, draft, scope, name } = call
  const parsed = parseArguments(args, ROW, { operands: 1 })
  draft.options.push(...parsed.options.map((option) => option.name))
  const [script] = parsed.operands
  if (valuesOf(parsed, '--rcfile --init-file').length > 0 || hasOption(parsed, '-i')) draft.add(['code', 'shell'])
  // Most other shells read a -c line as bash does; what these make of it is not known.
  if (/^(t?csh|fish|nu|elvish|xonsh|pwsh)$/.test(name)) {
    draft.add(['code', 'shell'])
    return
  }
  if (parsed.unsure.length > 0) {
    draft.hide(`${name} is given options or code known only at run time`)
    return
  }
  if (hasOption(parsed, '-s') && !hasOption(parsed, '-c')) {
    fromInput(call)
    return
  }
  if (script === undefined) {
    if (hasOption(parsed, '--version --help')) draft.add(['output'])
    else fromInput(call)
    return
  }
  if (hasOption(parsed, '-c')) {
    if (differs(name, script.text ?? '')) draft.gap(`${name} may read this line in another way`)
    readLine({ ...call, scope }, script)
    return
  }
  applyCode(draft, script)
  if (script.kind !== 'run-time') draft.useArgument(script, 'run', call.line.directories)
}

/** Shells that read plain lines as bash does, and have ways of their own for the rest. */
const OWN_WAYS = /^(zsh|ksh|ksh93|mksh|yash|posh)$/
/** What bash has and a plain shell takes for something else: `[[ a > b ]]` writes to b there. */
const OF_BASH = /\[\[|\(\(|\$['"[]|[<>]\(|&>|>&|\|&|<<<|[?*+@!]\(|\b(function|select|time|coproc)\b/
/** `2>&1` and `>&-`, which every shell reads alike: one digit, and nothing that would make it a part of more. */
const SAME_OUTPUT = /(?<![&<>])>&[0-9-](?=$|[\s;|)])/g

const differs = (name: string, text: string): boolean =>
  OWN_WAYS.test(name)
    ? !/^[\w@%+:,./;|& -]*$/.test(text)
    : /^(sh|dash|ash)$/.test(name) && OF_BASH.test(text.replace(SAME_OUTPUT, ' '))

function fromInput({ draft, scope, name }: Call): void {
  if (scope.input === 'open') {
    draft.add(['shell'])
    return
  }
  draft.add(['code'])
  draft.hide(`${name} runs what it reads from its input`)
}

/** su opens a shell as somebody else, or runs a line in one. */
function su(call: Call): void {
  const { args, draft, line } = call
  const parsed = parseArguments(args, call.row, { operands: undefined })
  const [user] = parsed.operands.filter(({ text }) => text !== '-')
  const account = user === undefined ? 'root' : (user.text ?? '*')
  const lines = valuesOf(parsed, '-c --command --session-command')
  draft.options.push(...parsed.options.map((option) => option.name))
  draft.account = account
  draft.add(['privilege'])
  if (lines.length === 0) {
    draft.add(['shell'])
    return
  }
  const scope = { ...within(call.scope, 'su', ['privilege']), account }
  for (const arg of lines) {
    if (arg?.text === undefined || arg.kind !== 'literal') draft.hide('su runs a line that is known only at run time')
    else line.read(arg.text, arg, scope)
  }
}

/** What sudo may do, and to whom, is nobody's harm; the rest is a wrapper. */
function sudo(call: Call): void {
  const { args, draft, row } = call
  const parsed = parseArguments(args, row, { operands: 0 })
  const only = parsed.options.every(({ name }) =>
    /^-[lnvkKVhU]$|^--(list|non-interactive|validate|reset-timestamp|remove-timestamp|version|help)$/.test(name),
  )
  const tells = hasOption(parsed, '-l --list -v --validate -k -K --reset-timestamp --remove-timestamp -V --version')
  if (!only || !tells || (parsed.rest.length > 0 && !hasOption(parsed, '-l --list'))) {
    applyWrapper(call, row.wraps ?? { alone: [] })
    return
  }
  draft.options.push(...parsed.options.map((option) => option.name))
  draft.add(['system-read'])
}

/** script opens a shell, and keeps what is seen of it in a file. */
function script(call: Call): void {
  const parsed = applyRow(call)
  if (valuesOf(parsed, '-c --command').length === 0) call.draft.add(['shell'])
}

/** `command -v ls` only tells where ls is. */
function command(call: Call): void {
  const { args, draft, row } = call
  const [first] = args
  if (first?.text === '-v' || first?.text === '-V') {
    draft.options.push(first.text)
    draft.add(['system-read'])
    return
  }
  applyWrapper(call, row.wraps ?? { alone: [] })
}

export const SHELLS = {
  ...named('bash sh dash ash rbash zsh ksh mksh ksh93 posh yash fish csh tcsh elvish nu pwsh xonsh', shell),
  su,
  sudo,
  script,
  command,
}
