import { applyRow } from '../apply.ts'
import { hasOption, parseArguments, valuesOf } from '../arguments.ts'
import { isOn } from '../variables.ts'
import type { Call } from '../scope.ts'
import type { Argument } from '../words.ts'
import { named } from './named.ts'

/** Options by which git runs a program that its arguments name. */
const GIT_RUNS =
  /^(-c|--config-env|--exec-path=|--exec|--upload-pack|--receive-pack|--ext-diff|--textconv|--extcmd|-x$|--tool|-O|--open-files|--edit|--gpg-sign|-S$|--git-dir|--work-tree|--filters|--namespace|--contents)/
const GIT_LOOKS = /^(branch|tag|remote|stash|config|reflog)$/

/** The same as names, since git takes them cut short as well; what is written out in full may be another option. */
const GIT_LONG =
  '--config-env --exec --upload-pack --receive-pack --ext-diff --textconv --extcmd --tool --open-files-in-pager --edit --gpg-sign --filters --contents'.split(
    ' ',
  )
const GIT_OTHERS = /^--(text|filter|no|e|f|t|c|o|u|r|g)?(=|$)/

const gitRuns = (text: string): boolean => {
  const [name = ''] = text.split('=', 1)
  const isCut = /^--\w/.test(name) && !GIT_OTHERS.test(text) && GIT_LONG.some((long) => long.startsWith(name))
  return isCut || GIT_RUNS.test(text)
}

/** git: what is looked at passes; what its options or its own configuration make it run does not. */
function git(call: Call): void {
  const { args, draft, scope } = call
  const paged =
    !args.some(({ text }) => text === '--no-pager') &&
    !isOn(scope.environment.get('LESSSECURE')) &&
    !['cat'].includes(scope.environment.get('GIT_PAGER') ?? '')
  const parsed = applyRow({
    ...call,
    row: { ...call.row, options: { '--output': { value: 'write' }, '-C': { value: 'list' } } },
  })
  if (!(paged && scope.onTerminal)) draft.effects.delete('shell')
  if (hasOption(parsed, '-C') && hasOption(parsed, '--output')) draft.gap('git writes into another folder')
  const verb = verbOf(parsed.operands)
  if (args.some(({ text, mayDash }) => mayDash && (text === undefined || gitRuns(text)))) draft.add(['code'])
  if (args.some(({ text }) => text === '-p' || text === '--paginate') && scope.onTerminal && paged) draft.add(['shell'])
  // One that lists without arguments changes something with most of them.
  if (GIT_LOOKS.test(verb) && !lists(args, verb)) draft.add(['file-write', 'code'])
}

const verbOf = (operands: readonly Argument[]): string => operands[0]?.text ?? ''

const LISTING: Readonly<Record<string, RegExp>> = {
  branch:
    /^(-a|-r|-v|-vv|-l|--list|--all|--remotes|--verbose|--show-current|--no-pager|--merged|--no-merged|--contains|--color.*|--sort=.*|--format=.*)$/,
  tag: /^(-l|--list|-n\d*|--no-pager|--sort=.*|--contains|--points-at|--merged|--format=.*)$/,
  // `show` asks the other side.
  remote: /^(-v|--verbose|get-url|origin|upstream|--no-pager)$/,
  stash: /^(list|show|-p|--stat|--no-pager|stash@\{\d+\})$/,
  config: /^(-l|--list|--get|--get-all|--show-origin|--show-scope|--global|--local|--system|list|get|--no-pager)$/,
  reflog: /^(show|--no-pager|--date=.*|-n|\d+|-\d+|HEAD|--all)$/,
}

/** Behind the verb stand only words that list. For config a lone name asks for its value. */
function lists(args: readonly Argument[], verb: string): boolean {
  const behind = args.slice(args.findIndex(({ text }) => text === verb) + 1)
  const words = behind.map(({ text }) => text ?? '\0')
  const known = LISTING[verb]
  if (known === undefined) return false
  const others = words.filter((word) => !known.test(word))
  const asks = words.some(
    (word) =>
      verb !== 'remote' &&
      /^(--list|-l|--contains|--merged|--no-merged|--points-at|--get|--get-all|show|get|list)$/.test(word),
  )
  return (
    others.length === 0 ||
    (asks && others.every((word) => !word.startsWith('-') && word !== '\0') && others.length <= 1)
  )
}

/** A format to print by, or a clock to be set. */
function date(call: Call): void {
  const parsed = applyRow(call)
  const others = parsed.operands.filter(({ patterns }) => !patterns.every((pattern) => pattern.startsWith('+')))
  if (others.length > 0) call.draft.add(['kernel'])
}

/** name=value sets a parameter of the kernel. */
function sysctl(call: Call): void {
  const parsed = applyRow(call)
  if (parsed.operands.some(({ text }) => text === undefined || text.includes('='))) call.draft.add(['kernel'])
}

/** dpkg and rpm tell what is installed, or change it. */
function packages(asks: string, letters: RegExp, mode = /^-/): (call: Call) => void {
  return (call) => {
    const { draft, row, args } = call
    const parsed = parseArguments(args, row, { operands: undefined })
    const only = args.every(
      ({ text }) => text === undefined || !text.startsWith('-') || letters.test(text) || asks.split(' ').includes(text),
    )
    const looks = only && parsed.unsure.length === 0 && parsed.options.some(({ name }) => mode.test(name))
    applyRow({
      ...call,
      row: looks ? { effects: ['system-read'], pager: 'less', takes: '-f --showformat --qf --queryformat' } : row,
    })
    if (!looks) draft.add(['package'])
  }
}

/** Listing one's own plans is no plan. */
function crontab(call: Call): void {
  const { draft } = call
  const parsed = applyRow(call)
  if (valuesOf(parsed, '-u').length > 0) draft.add(['privilege'])
  if (
    !hasOption(parsed, '-l') ||
    parsed.operands.length > 0 ||
    parsed.unsure.length > 0 ||
    hasOption(parsed, '-r -e -i')
  )
    return
  draft.effects.delete('schedule')
  draft.add(['system-read'])
}

/** service NAME status tells; everything else does something. */
function service(call: Call): void {
  const { args, draft } = call
  draft.options.push(...args.filter(({ text }) => text?.startsWith('-') === true).map(({ text }) => text ?? ''))
  // A name with a slash in it is a path to any program.
  const isNamed = /^[\w@.-]+$/.test(args[0]?.text ?? '')
  const tells =
    (args.length === 2 && isNamed && args[1]?.text === 'status') ||
    (args.length === 1 && args[0]?.text === '--status-all')
  draft.add([tells ? 'system-read' : 'service'])
}

/** Without operands mount tells what is mounted. */
function mount(call: Call): void {
  const { args, draft } = call
  if (args.every(({ text }) => text !== undefined && /^-[lhVv]+$/.test(text))) draft.add(['system-read'])
  else applyRow(call)
}

/** kill -l names the signals. */
function kill(call: Call): void {
  const [first] = call.args
  if (first?.text === '-l' || first?.text === '-L') call.draft.add(['output'])
  else applyRow(call)
}

/** Parts of ip whose state is nobody's secret, and words with which one looks at them; all can be cut short. */
const IP_OBJECTS =
  'address link route rule neighbour neighbor maddress netns tunnel monitor ntable mroute token tcp_metrics'.split(' ')
const IP_LOOKS = 'show list lst ls get help'.split(' ')

const isShort = (word: string | undefined, names: readonly string[]): boolean =>
  word !== undefined && names.some((name) => name.startsWith(word))

/** ip shows the network or changes it; `ip netns exec` runs a program in another one. */
function ip(call: Call): void {
  const { args, draft } = call
  const texts = args.map(({ text }) => text)
  const at = texts.findIndex((text, index) => isShort(text, ['exec']) && /^net/.test(texts[index - 1] ?? ''))
  if (at >= 0) {
    inNamespace(call, at)
    return
  }
  const flags = texts.filter((text) => text?.startsWith('-') === true).map((text) => text ?? '')
  const [object, word] = texts.filter((text) => text?.startsWith('-') !== true)
  draft.options.push(...flags)
  const looks =
    object === undefined
      ? texts.every((text) => text === '-V')
      : isShort(object, IP_OBJECTS) && (word === undefined || (isShort(word, IP_LOOKS) && !isSetting(object, word)))
  const plain = flags.every((flag) =>
    /^-(4|6|0|s|stats|statistics|d|details|br|brief|o|oneline|j|json|p|pretty|c|color|t|timestamp|h|human|r|resolve|V|V?ersion|a|all)$/.test(
      flag,
    ),
  )
  if (looks && plain && !texts.includes(undefined)) draft.add(['system-read'])
  else applyRow(call)
}

/** `ip link s` is no `show`, but `set`. */
const isSetting = (object: string | undefined, word: string): boolean => word === 's' && isShort(object, ['link'])

function inNamespace({ args, draft, line, scope, name }: Call, at: number): void {
  draft.via.push(name)
  draft.add(['privilege', 'network'])
  line.judge(args.slice(at + 2), draft, { ...scope, depth: scope.depth + 1, via: [...scope.via, name] })
}

/** A name with a slash in it is a file to man. */
function man(call: Call): void {
  const { draft, line } = call
  const parsed = applyRow(call)
  const files = hasOption(parsed, '-l --local-file')
    ? parsed.operands
    : parsed.operands.filter(({ text }) => text === undefined || text.includes('/'))
  for (const file of files) draft.useArgument(file, 'read', line.directories)
}

/** Letters without a dash may ask for the environment of every process, and with it for the secrets in there. */
function ps(call: Call): void {
  const { operands } = applyRow(call)
  const asks = operands.some(
    ({ text }, index) =>
      /^[A-Za-z]*e[A-Za-z]*$/.test(text ?? '') && !/[oOkpqtU]$/.test(operands[index - 1]?.text ?? ''),
  )
  if (asks) call.draft.add(['process', 'key'])
}

/** `@FILE` stands for the words in that file, options among them. */
function expands(call: Call): void {
  applyRow(call)
  if (call.args.some(({ patterns }) => patterns.some((pattern) => pattern.startsWith('@'))))
    call.draft.gap(`${call.name} takes more words from a file`)
}

/** jobs -x runs a command. */
function jobs({ args, draft }: Call): void {
  draft.add(args.every(({ text }) => text !== undefined && /^(-[lnprs]+|%[\w+-]*)$/.test(text)) ? ['output'] : ['code'])
}

/** Secrets of a cluster are read like everything else in it. */
function cluster(call: Call): void {
  const parsed = applyRow(call)
  if (parsed.operands.some(({ text }) => text === undefined || /(^|[,/])secrets?($|[,/.])|^all$/i.test(text)))
    call.draft.add(['key'])
  if (valuesOf(parsed, '-o --output').some((value) => value?.text?.includes('file=') !== false))
    call.draft.gap('what is shown is read from a file')
}

export const TOOLS = {
  git,
  date,
  sysctl,
  crontab,
  kill,
  mount,
  man,
  jobs,
  kubectl: cluster,
  oc: cluster,
  ip,
  service,
  dpkg: packages(
    '--list --listfiles --status --search --get-selections --print-architecture --version --no-pager --audit --verify',
    /^-[lLsSpCV]+$/,
  ),
  rpm: packages(
    '--query --all --list --info --changelog --queryformat --qf --version --scripts --verify',
    /^-[qaliVRcdf]+$/,
    // Without one of these `-i` installs.
    /^(-q|-V|--query|--verify|--version)$/,
  ),
  ps,
  ...named('nm objdump readelf size strings', expands),
}
