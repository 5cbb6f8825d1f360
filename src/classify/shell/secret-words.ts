import type { Found } from './secret-text.ts'
import { isSecretName, SECRET_OPTIONS } from './secrets.ts'

/** A word of a command and where it stands. */
export interface Placed {
  readonly value: string
  readonly start: number
  readonly end: number
  readonly quoted: boolean
}

/** Programs whose operands are typed by other names: the row of the first one that is known counts. */
const WRAPPERS = new Set([
  'sudo',
  'doas',
  'env',
  'nice',
  'nohup',
  'time',
  'timeout',
  'xargs',
  'exec',
  'command',
  'setsid',
  'watch',
  'stdbuf',
  'sshpass',
])

/** Whether some command of the line is told to read a password from its input: then what is printed may be one. */
export const asksForPassword = (commands: readonly (readonly Placed[])[]): boolean =>
  commands.some((words) =>
    words.some(
      ({ value }) =>
        /^--(password|pass)-stdin/.test(value) ||
        (/^-[a-zA-Z]*S/.test(value) && words[0]?.value.endsWith('sudo') === true),
    ),
  )

/** Values among the words of one command that are secrets by where they stand; `feedsPasswords` where printed words may be one. */
export function secretsInWords(words: readonly Placed[], feedsPasswords: boolean): readonly Found[] {
  const programs = words.map(({ value }) => value.slice(value.lastIndexOf('/') + 1))
  const start = programs.findIndex((program, index) => program in SECRET_OPTIONS && leads(programs, index))
  const special = SECRET_OPTIONS[programs[start] ?? '']
  return words.flatMap((word, index) => {
    const before = words[index - 1]?.value ?? ''
    return [
      ...named(word),
      ...(isSecretOption(before) && !word.value.startsWith('-') ? [whole(word)] : []),
      ...(special !== undefined && index > start
        ? ofProgram(special, word, { before, isLast: index === words.length - 1 })
        : []),
      ...(feedsPasswords && index > 0 && /^(echo|printf)$/.test(programs[0] ?? '') ? [whole(word)] : []),
    ]
  })
}

/** Whether the program stands where a program may: first, or behind wrappers. */
const leads = (programs: readonly string[], index: number): boolean =>
  index === 0 || programs.slice(0, index).some((program) => WRAPPERS.has(program))

const whole = ({ start, end }: Placed): Found => ({ start, end })

const isSecretOption = (word: string): boolean =>
  /^--?[a-zA-Z]/.test(word) && word.length > 2 && !word.includes('=') && isSecretName(word)

/** NAME=value and --name=value. */
function named(word: Placed): readonly Found[] {
  const equals = word.value.indexOf('=')
  if (equals < 0) return []
  const name = word.value.slice(0, equals).replace(/\+$/, '')
  if (!/^-{0,2}[A-Za-z_][\w.-]*$/.test(name) || !isSecretName(name)) return []
  // Quotes in front of the name make positions uncertain: then all of it goes.
  return [{ start: word.quoted ? word.start : word.start + equals + 1, end: word.end }]
}

interface Where {
  readonly before: string
  readonly isLast: boolean
}

function ofProgram(
  { next, glued, last }: (typeof SECRET_OPTIONS)[string],
  word: Placed,
  { before, isLast }: Where,
): readonly Found[] {
  if (next?.includes(before)) return [whole(word)]
  const letter = glued?.find(
    (option) => word.value.startsWith(option) && word.value.length > option.length && !word.value.startsWith('--'),
  )
  if (letter !== undefined) return [{ start: word.quoted ? word.start : word.start + letter.length, end: word.end }]
  return last === true && isLast && !word.value.startsWith('-') ? [whole(word)] : []
}
