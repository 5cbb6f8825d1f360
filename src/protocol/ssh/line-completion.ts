import { quoted } from './carry.ts'
import { holdsControl } from './line-editor-glyphs.ts'
import type { Completed } from './line-editor.ts'

/** The word that the cursor stands behind. */
export interface OpenWord {
  /** Where it begins in the text. */
  readonly start: number
  /** Without its quotes. */
  readonly value: string
  /** The quote that is open at the cursor. */
  readonly quote: '' | '"' | "'"
  /** Whether a command would stand here. */
  readonly isCommand: boolean
}

/** Longest word that is completed. */
const MAX_WORD = 1024
/** Commands behind which another command stands. */
const LEADERS = new Set('sudo time nohup exec command builtin env xargs then do else if while until !'.split(' '))

/** The word before the cursor; undefined where its value is known at run time only, or it is part of a comment. */
export function openWord(text: string, cursor: number): OpenWord | undefined {
  const state = { start: 0, value: '', quote: '' as OpenWord['quote'], isCommand: true, begun: false, isKnown: true }
  for (let at = 0; at < cursor; at += 1) {
    const character = text[at] ?? ''
    if (state.quote !== '') {
      if (character === state.quote) state.quote = ''
      else if (state.quote === '"' && character === '\\' && '"\\$`'.includes(text[at + 1] ?? ' '))
        state.value += text[(at += 1)] ?? ''
      else {
        if (state.quote === '"' && '$`'.includes(character)) state.isKnown = false
        state.value += character
      }
    } else if (' \t\n;|&()<>'.includes(character)) {
      endWord(state, character, at)
    } else {
      if (character === '"' || character === "'") state.quote = character
      else if (character === '\\') state.value += text[(at += 1)] ?? ''
      else if ('$`*?[{'.includes(character)) state.isKnown = false
      else state.value += character
      state.begun = true
    }
  }
  const { start, value, quote, isCommand, isKnown } = state
  return isKnown && value.length <= MAX_WORD ? { start, value, quote, isCommand } : undefined
}

interface WordState {
  start: number
  value: string
  isCommand: boolean
  begun: boolean
  isKnown: boolean
}

function endWord(state: WordState, character: string, at: number): void {
  if (state.begun) {
    const goesOn = LEADERS.has(state.value) || /^[A-Za-z_]\w*=/.test(state.value)
    state.isCommand = state.isCommand && goesOn
  }
  if (';|&(\n'.includes(character)) state.isCommand = true
  if ('<>'.includes(character)) state.isCommand = false
  Object.assign(state, { start: at + 1, value: '', begun: false, isKnown: true })
}

/** What is asked of the target, and how its answer is read. */
export interface Question {
  readonly kind: 'names' | 'programs'
  /** A command line like any other. */
  readonly text: string
}

/** Whether the word is the name of a program, looked for in the folders of PATH, and not a path. */
export const isProgram = (word: OpenWord): boolean =>
  word.isCommand && !word.value.includes('/') && !word.value.startsWith('~')

/** Asks for what is in the folder that the word names. */
export function namesQuestion(word: OpenWord): Question {
  const folder = word.value.slice(0, word.value.lastIndexOf('/') + 1)
  const home = word.quote === '' && /^~[\w.-]*\//.exec(folder)?.[0]
  const place =
    typeof home === 'string' ? home + quotedRest(folder.slice(home.length)) : quoted(folder === '' ? '.' : folder)
  return { kind: 'names', text: `ls -1ApL -- ${place}` }
}

/** Asks for what is in the folders of PATH. */
export function programsQuestion(path: string): Question {
  const folders = path.split(':').filter((folder) => folder.startsWith('/'))
  return { kind: 'programs', text: `ls -1pL -- ${folders.slice(0, MAX_FOLDERS).map(quoted).join(' ')}` }
}

const MAX_FOLDERS = 20
const quotedRest = (text: string): string => (text === '' ? '' : quoted(text))

/** Commands of bash itself that people type. */
const BUILTINS = 'cd exit export history popd pushd source umask unset'.split(' ')

/** Names in an answer. What is no text, holds a control character or was cut off is left out: it is data of the target. */
export function namesIn(answer: Buffer, cut: boolean): readonly string[] {
  const lines = answer.toString('utf8').split('\n')
  return (cut ? lines.slice(0, -1) : lines).filter(
    (line) => line !== '' && line.length <= MAX_WORD && !holdsControl(line),
  )
}

/** Names of programs in an answer about several folders. */
export const programsIn = (answer: Buffer, cut: boolean): readonly string[] => [
  ...new Set([...BUILTINS, ...namesIn(answer, cut).filter((name) => !name.endsWith('/') && !name.endsWith(':'))]),
]

/** What of these names goes on with the word; undefined where none does. */
export function completedWith(word: OpenWord, names: readonly string[]): Completed | undefined {
  const slash = word.value.lastIndexOf('/') + 1
  const [folder, begun] = [word.value.slice(0, slash), word.value.slice(slash)]
  const fitting = names
    .filter((name) => name.startsWith(begun) && (begun.startsWith('.') || !name.startsWith('.')))
    .sort()
  const [first] = fitting
  if (first === undefined) return undefined
  const shared = fitting.reduce((common, name) => sharedStart(common, name))
  const isOnly = fitting.length === 1
  const end = isOnly && !first.endsWith('/') ? `${word.quote} ` : ''
  return {
    from: word.start,
    text: written(folder + shared, word.quote) + end,
    choices: isOnly ? [] : fitting,
  }
}

function sharedStart(one: string, other: string): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  const half = at > 0 && at < one.length && /[\ud800-\udbff]/.test(one[at - 1] ?? '')
  return one.slice(0, half ? at - 1 : at)
}

/** The value as it is written in a line, behind the quote that is open. */
function written(value: string, quote: OpenWord['quote']): string {
  if (quote === "'") return `'${value.replaceAll("'", "'\\''")}`
  if (quote === '"') return `"${value.replaceAll(/["\\$`]/g, '\\$&')}`
  const home = /^~[\w.-]*\//.exec(value)?.[0] ?? ''
  return home + value.slice(home.length).replaceAll(/[^\w./,:@%+=\u0080-\u{10ffff}-]/gu, '\\$&')
}
