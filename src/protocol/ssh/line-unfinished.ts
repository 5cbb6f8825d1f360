/**
 * Whether bash would go on reading after this text: an open quote, a substitution, a group or a compound command that is not closed, a here-document without
 * its last line, a pipe or a list that ends in its operator, a backslash at the very end. It only decides whether Enter opens a further line: what is judged
 * is the finished text, by a real parser. Total; where the text makes no sense it counts as finished, and bash says what is wrong with it.
 */
export function isUnfinished(text: string): boolean {
  const scan = new Scan(text)
  return scan.run()
}

/** What is open, innermost last. */
type Open = '(' | '{' | '[[' | '((' | 'if' | 'case' | 'do' | 'for' | '"' | '`' | '${'

const CLOSERS: Readonly<Record<string, Open>> = { fi: 'if', esac: 'case', done: 'do', '}': '{', ']]': '[[' }
/** Words behind which another command may stand. */
const LEADERS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  'time',
  '!',
  '{',
  'for',
  'select',
  'case',
])

interface Heredoc {
  readonly end: string
  readonly tabs: boolean
}

class Scan {
  readonly #text: string
  #at = 0
  readonly #open: Open[] = []
  #heredocs: Heredoc[] = []
  /** A word here would be a command or a reserved word. */
  #command = true
  /** The last thing was an operator that wants a command behind it. */
  #wanting = false
  #naming = false

  constructor(text: string) {
    this.#text = text
  }

  run(): boolean {
    while (this.#at < this.#text.length) {
      if (!this.#step()) return true
    }
    return this.#open.length > 0 || this.#heredocs.length > 0 || this.#wanting
  }

  /** False where the text ends within what began here. */
  #step(): boolean {
    const top = this.#open.at(-1)
    if (top === '"') return this.#inQuotes()
    const character = this.#text[this.#at] ?? ''
    switch (character) {
      case '\\':
        return this.#backslash()
      case "'":
        return this.#single(1)
      case '"':
        return this.#enter('"', 1)
      case '`':
        return top === '`' ? this.#leave(1) : this.#enter('`', 1)
      case '$':
        return this.#dollar()
      case '#':
        return top === '${' ? this.#inBraces(character) : this.#comment()
      case '\n':
        return this.#newline()
      case ' ':
      case '\t':
        this.#at += 1
        return true
      default:
        if (top === '${') return this.#inBraces(character)
        return this.#operator(character) ?? this.#word()
    }
  }

  #enter(what: Open, length: number): boolean {
    this.#open.push(what)
    this.#at += length
    this.#command = what !== '"' && what !== '${' && what !== '(('
    this.#wanting = false
    return true
  }

  #leave(length: number): boolean {
    this.#open.pop()
    this.#at += length
    this.#command = false
    this.#wanting = false
    return true
  }

  #backslash(): boolean {
    if (this.#at + 1 >= this.#text.length) return false
    // A backslash before the line end joins the lines: whatever was wanted is wanted still.
    const joins = this.#text[this.#at + 1] === '\n'
    this.#at += 2
    if (joins) return this.#at < this.#text.length
    this.#command = false
    this.#wanting = false
    return true
  }

  /** Single quotes; `offset` is where their inside begins. With `$` before them a backslash keeps the quote that follows. */
  #single(offset: number, escapes = false): boolean {
    let at = this.#at + offset
    while (at < this.#text.length && this.#text[at] !== "'") at += escapes && this.#text[at] === '\\' ? 2 : 1
    this.#at = at + 1
    this.#command = false
    this.#wanting = false
    return at < this.#text.length
  }

  #inQuotes(): boolean {
    const character = this.#text[this.#at]
    if (character === '"') return this.#leave(1)
    if (character === '`') return this.#enter('`', 1)
    if (character === '$') return this.#dollar()
    this.#at += character === '\\' ? 2 : 1
    return true
  }

  #inBraces(character: string): boolean {
    if (character === '}') return this.#leave(1)
    this.#at += 1
    return true
  }

  #dollar(): boolean {
    const rest = this.#text.slice(this.#at, this.#at + 3)
    if (rest === '$((') return this.#enter('((', 3)
    if (rest.startsWith('$(')) return this.#enter('(', 2)
    if (rest.startsWith('${')) return this.#enter('${', 2)
    if (rest.startsWith("$'") && this.#open.at(-1) !== '"') return this.#single(2, true)
    this.#at += 1
    this.#command = false
    this.#wanting = false
    return true
  }

  /** A comment only where a word could begin. */
  #comment(): boolean {
    const before = this.#text[this.#at - 1]
    const begins = before === undefined || ' \t\n;&|()'.includes(before)
    if (!begins) return this.#word()
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#text.length : end
    return true
  }

  #newline(): boolean {
    this.#at += 1
    this.#command = true
    for (const heredoc of this.#heredocs.splice(0)) {
      if (!this.#skip(heredoc)) return false
    }
    return true
  }

  /** To behind the last line of a here-document. */
  #skip({ end, tabs }: Heredoc): boolean {
    while (this.#at <= this.#text.length) {
      const stop = this.#text.indexOf('\n', this.#at)
      const line = this.#text.slice(this.#at, stop < 0 ? this.#text.length : stop)
      this.#at = stop < 0 ? this.#text.length + 1 : stop + 1
      if ((tabs ? line.replace(/^\t+/, '') : line) === end) return true
    }
    return false
  }

  #operator(character: string): boolean | undefined {
    switch (character) {
      case '(':
        return this.#parenthesis()
      case ')':
        return this.#closing()
      case '<':
        return this.#redirection()
      case '>':
        this.#at += this.#text[this.#at + 1] === '(' ? 1 : this.#operatorLength(/^>[>&|]?/)
        return true
      case '|':
      case '&':
      case ';':
        return this.#separator()
      default:
        return undefined
    }
  }

  #operatorLength(shape: RegExp): number {
    return shape.exec(this.#text.slice(this.#at, this.#at + 3))?.[0].length ?? 1
  }

  #parenthesis(): boolean {
    if (this.#open.at(-1) === '((') return this.#enter('((', 1)
    const arithmetic = this.#command && this.#text[this.#at + 1] === '('
    return arithmetic ? this.#enter('((', 2) : this.#enter('(', 1)
  }

  #closing(): boolean {
    const top = this.#open.at(-1)
    const double = top === '((' && this.#text[this.#at + 1] === ')'
    if (top === '(' || top === '((') this.#open.pop()
    this.#at += double ? 2 : 1
    // Behind a pattern of `case`, or the parentheses of a function, a command begins.
    this.#command = true
    this.#wanting = false
    return true
  }

  #redirection(): boolean {
    const rest = this.#text.slice(this.#at)
    const heredoc = /^<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\.|[^\s;&|<>()'"\\])+)/.exec(rest)
    if (rest.startsWith('<<<') || heredoc === null) {
      this.#at += this.#operatorLength(/^<(?:<<|[>&]|(?=\())?/)
      return true
    }
    this.#heredocs.push({ end: unquoted(heredoc[2] ?? ''), tabs: heredoc[1] === '-' })
    this.#at += heredoc[0].length
    return true
  }

  #separator(): boolean {
    const length = this.#operatorLength(/^(?:&&|\|\||\|&|&>>|&>|;;&|;;|;&|[|&;])/)
    const operator = this.#text.slice(this.#at, this.#at + length)
    this.#at += length
    this.#command = !operator.startsWith('&>')
    this.#wanting = operator === '&&' || operator === '||' || operator === '|' || operator === '|&'
    return true
  }

  #word(): boolean {
    const word =
      /^[^\s;&|<>()'"`$\\]+/.exec(this.#text.slice(this.#at))?.[0] ?? this.#text.slice(this.#at, this.#at + 1)
    const whole = !/['"`$\\]/.test(this.#text[this.#at + word.length] ?? '')
    this.#at += word.length
    this.#wanting = false
    const wasCommand = this.#command
    // Behind `function NAME` its body begins.
    this.#command = this.#naming
    this.#naming = false
    if (whole) this.#reserved(word, wasCommand)
    return true
  }

  #reserved(word: string, isCommand: boolean): void {
    const top = this.#open.at(-1)
    if (word === ']]' && top === '[[') this.#open.pop()
    // `for NAME do` needs no line end before its `do`.
    if (!isCommand && !(word === 'do' && top === 'for')) return
    this.#naming = word === 'function'
    this.#command = LEADERS.has(word) && word !== 'for' && word !== 'select' && word !== 'case'
    switch (word) {
      case 'if':
      case 'case':
      case '{':
      case '[[':
        this.#open.push(word)
        return
      case 'for':
      case 'select':
      case 'while':
      case 'until':
        this.#open.push('for')
        return
      case 'do':
        if (top === 'for') this.#open[this.#open.length - 1] = 'do'
        return
      default:
        if (CLOSERS[word] !== undefined && CLOSERS[word] === top) this.#open.pop()
    }
  }
}

const unquoted = (word: string): string => word.replaceAll(/'([^']*)'|"([^"]*)"|\\(.)/g, '$1$2$3')
