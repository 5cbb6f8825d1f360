import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyLine } from '../../../src/classify/shell/classify.ts'
import { redactLine } from '../../../src/classify/shell/redact.ts'

/** The longest line that is read. */
const LONGEST = 32_768
/** Far more than any of them takes on a machine with nothing else to do, and far less than the worst of them would take unguarded. */
const MOMENT_MS = 250

const filled = (piece: string, taken = 200): string => piece.repeat(Math.floor((LONGEST - taken) / piece.length))
const nested = (open: string, close: string): string => {
  const depth = Math.floor((LONGEST - 200) / (open.length + close.length))
  return open.repeat(depth) + 'x' + close.repeat(depth)
}
const numbered = (piece: (index: number) => string, length: number): string =>
  Array.from({ length: Math.floor((LONGEST - 200) / length) }, (_, index) => piece(index)).join(' ')
const SIXTY = Array.from({ length: 64 }, (_, index) => `/e${index}`).join(' ')

/** Of several tries, as the machine may do other things. */
function shortest(work: () => void): number {
  const times = Array.from({ length: 3 }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
  return Math.min(...times)
}

/** Lines of which no more is known than that they are not understood. */
const HELD: readonly (readonly [name: string, text: string])[] = [
  ['process substitutions that never end', filled('<(')],
  ['process substitutions in each other', nested('cat <(', ')')],
  ['process substitutions alone in each other', nested('<(', ')')],
  ['substitutions in each other', nested('$(', ')')],
  ['subshells in each other', nested('( ', ' )')],
  ['loops in each other', nested('for i in a;do ', ';done')],
  ['braces in braces', `rm ${nested('{a,', '}')}`],
  ['braces that multiply', `echo ${filled('{a,b}')}`],
  ['a loop with many values over many paths', `for i in ${SIXTY}; do rm ${filled('$i/a ', 1000)}; done`],
  ['many wildcards in many paths', `rm ${numbered((index) => `/${index}${'*a'.repeat(198)}`, 404)}`],
  ['wildcards in very many paths', `rm ${numbered((index) => `*${index}*a*b/*`, 16)}`],
  ['evaluations of evaluations', filled('eval ')],
  ['thousands of redirections', `echo ${numbered((index) => `>/t/${index}`, 10)}`],
  ['thousands of words', `echo ${filled('"a" ')}`],
  ['thousands of expansions in one word', `echo "${filled('$a ')}"`],
  ['thousands of here-documents', filled('cat <<E\nE\n')],
  ['thousands of commands', filled('a;')],
  ['thousands of programs in a pipe', `a${filled('|a')}`],
  ['thousands of alternatives', `case a in ${filled('a) b;; ')} esac`],
  ['a find that runs thousands of programs', `find . ${filled('-exec rm {} \\; ')}`],
  ['one byte more than is read', 'a'.repeat(LONGEST + 1)],
]

for (const [name, text] of HELD)
  test(`${name}: held with a word, in a moment`, () => {
    const line = { kind: 'shell', text, directory: '/srv', environment: new Map(), terminal: true } as const
    const took = shortest(() => redactLine(text, classifyLine(line), () => 'tag'))
    assert.ok(took < MOMENT_MS, `it took ${took.toFixed(0)} ms`)
    const found = classifyLine(line)
    assert.ok(found.every(({ complete, gaps }) => !complete && gaps.join() !== ''))
  })

/** Lines that are long, or have much in them, for a reason. */
const UNDERSTOOD: readonly (readonly [name: string, text: string])[] = [
  ['a text of many lines for a file', `cat > notes <<'E'\n${filled('some words and more of them\n')}E`],
  ['one long word', `echo ${filled('a')}`],
  ['hundreds of files', `rm ${numbered((index) => `f${index}`, 80)}`],
  [
    'twenty files with wildcards',
    `ls ${Array.from({ length: 20 }, (_, index) => `/srv/data/${index}*.log`).join(' ')}`,
  ],
  ['a pipe of a dozen programs', `cat a${' | sort'.repeat(12)}`],
]

for (const [name, text] of UNDERSTOOD)
  test(`${name}: understood`, () => {
    const found = classifyLine({ kind: 'shell', text, directory: '/srv', environment: new Map(), terminal: true })
    assert.deepEqual(
      found.flatMap(({ gaps }) => gaps),
      [],
    )
  })

test('a private key in a line is withheld to its end, and one without an end to that of the line', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END'
  const shown = (text: string): string =>
    redactLine(text, [], () => 'tag')
      .map((piece) => (typeof piece === 'string' ? piece : '[…]'))
      .join('')
  assert.equal(shown(`printf '${key} RSA PRIVATE KEY-----' > k`), "printf '[…] RSA PRIVATE KEY-----' > k")
  assert.equal(shown(`echo ${key.slice(0, 34)}`), 'echo […]')
})
