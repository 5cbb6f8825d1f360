import type { ActionEffect } from '../../../model/action-facts.ts'
import { applyRole } from '../apply.ts'
import { within, type Call } from '../scope.ts'
import { ANY, BELOW, ONE, RUN } from '../wildcards.ts'
import { literal, type Argument } from '../words.ts'
import { named } from './named.ts'

const EXECUTES = new Set(['-exec', '-execdir', '-ok', '-okdir'])
const WRITES = new Set(['-fprint', '-fprint0', '-fls', '-fprintf'])
const TAKES_ONE =
  /^-(name|iname|path|ipath|wholename|iwholename|lname|ilname|regex|iregex|regextype|type|xtype|size|mtime|mmin|atime|amin|ctime|cmin|newer\w*|anewer|cnewer|maxdepth|mindepth|user|group|uid|gid|perm|printf|samefile|inum|links|fstype|used|context|D)$/

/** find lists names; its expression may delete, write, and run programs with the names that it found. */
function find(call: Call): void {
  const { args, draft, line } = call
  const own = leading(args)
  const first = args.findIndex(
    ({ text, mayDash }, index) => index >= own && text !== undefined && (mayDash || /^[(!]$/.test(text)),
  )
  const split = first < 0 ? args.length : first
  const starts = args.slice(own, split)
  draft.add(['listing'])
  if (starts.length === 0) draft.usePath('.', 'list', line.directories)
  for (const start of starts) {
    if (start.mayDash) draft.gap(`${start.written} is known only at run time and may be part of the expression`)
    draft.useArgument(start, 'list', line.directories)
  }
  const found = below(call, starts, nameOf(args.slice(split)))
  if (expression(call, args.slice(split), found)) draft.found = found
}

/** How many words are options of find itself, which stand in front of the paths. */
function leading(args: readonly Argument[]): number {
  for (let at = 0; ; at++) {
    const text = args[at]?.text
    if (text === '--') return at + 1
    if (text === '-D') at++
    else if (text === undefined || !/^-([HLP]|O\d*)$/.test(text)) return Math.min(at, args.length)
  }
}

/** Patterns of the paths that can be found; where there are too many, any path. */
function below({ line }: Call, starts: readonly Argument[], name: string | undefined): readonly string[] {
  const folders = starts.length === 0 ? line.directories : starts.flatMap(({ patterns }) => patterns)
  const found = folders
    .map((folder) => folder.replace(/\/$/, ''))
    .flatMap((folder) =>
      name === undefined ? [folder, `${folder}/${BELOW}`] : [`${folder}/${name}`, `${folder}/${BELOW}/${name}`],
    )
  return found.length > MAX_FOUND ? [ANY] : found
}

/** The one name that an expression asks for, where nothing in it could let others in. */
function nameOf(words: readonly Argument[]): string | undefined {
  const texts = words.map(({ text }) => text)
  const at = texts.findIndex((text) => text === '-name' || text === '-iname')
  const name = texts[at + 1]
  const others = texts.some(
    (text, index) =>
      text === undefined || /^(-o|-or|!|-not|,|\(|\))$/.test(text) || (text === texts[at] && index !== at),
  )
  if (at < 0 || others || name === undefined || /[\\/]/.test(name)) return undefined
  return name
    .replace(/\[[^\]]*\]/g, ONE)
    .replaceAll('?', ONE)
    .replaceAll('*', RUN)
}

const MAX_FOUND = 40

/** Reads the expression; true where it prints names and nothing else. */
function expression(call: Call, words: readonly Argument[], found: readonly string[]): boolean {
  const { draft, line } = call
  let plain = true
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    const text = word?.text
    if (word === undefined) break
    if (text === undefined) {
      draft.gap(`part of what find does is known only at run time: ${word.written}`)
      continue
    }
    if (text.startsWith('-')) draft.options.push(text)
    if (EXECUTES.has(text)) {
      at = execute(call, words, { at: at + 1, found })
      plain = false
    } else if (WRITES.has(text)) {
      const file = words[++at]
      if (file !== undefined) draft.useArgument(file, 'write', line.directories)
      if (text === '-fprintf') at++
    } else if (text === '-delete') for (const path of found) draft.usePath(path, 'delete', line.directories)
    else if (text === '-files0-from') draft.gap('find reads where to start from a file')
    else if (text === '-printf' || text === '-ls') plain = false
    if (TAKES_ONE.test(text)) at++
  }
  return plain
}

interface Executed {
  readonly at: number
  readonly found: readonly string[]
}

/** The words up to `;` or `+` are a command of their own; returns where they end. */
function execute(call: Call, words: readonly Argument[], { at, found }: Executed): number {
  const { line, scope, name } = call
  const rest = words.slice(at)
  const length = rest.findIndex(({ text }, index) => text === ';' || (text === '+' && rest[index - 1]?.text === '{}'))
  const inner = rest.slice(0, length < 0 ? rest.length : length).map((word) => foundIn(word, found))
  const [first, last] = [inner[0], inner.at(-1)]
  if (first === undefined || last === undefined) return at
  const own = { ...within(scope, name), found: undefined, input: 'open' as const }
  const draft = line.open({ start: first.start, end: last.end }, own)
  if (length < 0) draft.gap('the command of -exec has no end')
  if (words[at - 1]?.text?.endsWith('dir') === true) draft.gap('it runs in every folder in which something is found')
  line.judge(inner, draft, own)
  return at + (length < 0 ? rest.length : length)
}

/** `{}` is one of the paths that were found; inside a longer word it is anything. */
function foundIn(word: Argument, found: readonly string[]): Argument {
  if (word.text?.includes('{}') !== true) return word
  const whole = word.text === '{}'
  const mayDash = whole ? found.some((pattern) => !/^[/~.]/.test(pattern)) : word.mayDash
  return { ...word, patterns: whole ? found : [ANY], text: undefined, kind: whole ? 'loop' : 'run-time', mayDash }
}

/** fd runs programs with what it found. */
function fd(call: Call): void {
  const { args, draft, line } = call
  draft.add(['listing'])
  draft.usePath('.', 'list', line.directories)
  if (args.some(({ text }) => text === undefined)) draft.gap('part of what fd does is known only at run time')
  if (args.some(({ text }) => text !== undefined && /^(--exec|-[^-]*[xX])/.test(text))) runs(call, ['code'])
}

function runs(call: Call, effects: readonly ActionEffect[]): void {
  call.draft.add(effects)
  applyRole(call, 'code', literal('exec', { start: 0, end: 0 }))
}

export const FINDING = { find, ...named('fd fdfind', fd) }
