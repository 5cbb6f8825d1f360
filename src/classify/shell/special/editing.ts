import { applyRow } from '../apply.ts'
import { hasOption, parseArguments } from '../arguments.ts'
import type { Call } from '../scope.ts'
import { ANY } from '../wildcards.ts'
import { named } from './named.ts'

const VIM_CODE =
  /^(\+|-c|--cmd|-S|-s|-u|-U|-w|-W|-i|--servername|--remote.*|-P|-X|-V.*|--listen|--embed|--headless|-l|-e|-es|-E)/

/** vi opens shells; told to be restricted it does not, and still writes whatever file it is asked to. */
function vim(call: Call): void {
  const { args, draft, name } = call
  const restricted = /^r/.test(name) || args.some(({ text }) => text === '-Z')
  const runs = args.some(({ text }) => text === undefined || VIM_CODE.test(text))
  draft.options.push(
    ...args.filter(({ text }) => text !== undefined && /^[-+]/.test(text)).map(({ text }) => text ?? ''),
  )
  applyRow({ ...call, row: { effects: ['file-read', 'file-write'], operands: ['write'] } })
  if (!restricted) draft.add(['shell'])
  if (runs) draft.add(['code', 'shell'])
  everyFile(call)
}

/** A file that is named only inside the editor. */
function everyFile({ draft }: Call): void {
  draft.paths.push({ path: '*', absolute: false, does: 'write' })
}

/** nano -R reads and writes the files of its command line, and nothing else. */
function nano(call: Call): void {
  const { draft, name, row } = call
  const parsed = parseArguments(call.args, row, { operands: undefined })
  const restricted = name === 'rnano' || hasOption(parsed, '-R --restricted')
  applyRow({
    ...call,
    row: {
      ...row,
      effects: restricted ? ['file-read'] : ['file-read', 'shell'],
      options: { '-s --speller': { value: 'code' }, '-f --rcfile': { value: 'code' }, '-R --restricted': {} },
    },
  })
  if (!restricted) draft.add(['shell'])
}

/** Commands may be given to less in its arguments. */
function less(call: Call): void {
  const { args, draft, line } = call
  applyRow(call)
  if (args.some(({ text }) => text?.startsWith('+') === true && !/^\+[\dgGF/]*$/.test(text))) draft.add(['shell'])
  if (args.some(({ text, kind }) => kind === 'run-time' && text === undefined))
    draft.useArgument({ ...NOTHING, patterns: [ANY] }, 'read', line.directories)
}

const NOTHING = { written: '', text: undefined, kind: 'run-time', mayDash: false, start: 0, end: 0 } as const

export const EDITING = {
  ...named('vi vim nvim view vimdiff ex gvim elvis rvim rview rgvim rgview', vim),
  ...named('nano rnano', nano),
  ...named('less zless', less),
}
