import {
  forEachChild,
  parse,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  type PipelineNode,
  type Statement,
  type SyntaxNode,
} from 'unbash'
import type { CommandFacts } from '../../model/action-facts.ts'
import type { ShellStatement } from '../../model/statement.ts'
import { judgeCommand } from './command.ts'
import { Draft, PATHS_OF_LINE, type PathBudget } from './draft.ts'
import { hazardOf, isNumber } from './hazards.ts'
import { judgeWords } from './judge.ts'
import { loopValues } from './loops.ts'
import { HOME, UNKNOWN } from './paths.ts'
import { within, type Reader, type Scope, type Span } from './scope.ts'
import { steersAlready, steersShell } from './variables.ts'
import type { Argument } from './words.ts'

/** Most commands of one line; more are a script, which should be a file that somebody can read. */
const MAX_COMMANDS = 400
/** Most commands of one pipeline: each is told what all the others are. */
const MAX_STAGES = 64
/** Most words of one line and expansions in them, a loop's once for each value that they take on. */
const MAX_WORDS = 4_000
/** Most characters of lines in words of lines, all together. */
const MAX_READ = 65_536
const TOO_MANY_COMMANDS = `the line has more than ${MAX_COMMANDS} commands`
/** How deep lines may stand in words of lines. */
const MAX_DEPTH = 12
/** Folders that the shell may stand in before that counts as unknown. */
const MAX_DIRECTORIES = 8

/** One line on its way to facts: what has been found so far, and where the shell may stand. */
export class Line implements Reader {
  readonly #source: string
  readonly #follows: boolean
  readonly #environment: ReadonlyMap<string, string>
  readonly #budget: PathBudget = { left: PATHS_OF_LINE }
  #words = MAX_WORDS
  #unread = MAX_READ
  readonly #drafts: Draft[] = []
  readonly #arithmetic: Draft[] = []
  readonly home: string
  directories: readonly string[]
  /** Folders of the last `cd`. */
  moved: readonly string[] | undefined
  /** Why the line as a whole cannot be judged. */
  fault: string | undefined
  /** Variables got values that are not written in the line. */
  #assigned = false
  #notNumbers = false

  /** `follows` says whether variables of loops may be followed. */
  constructor({ text, directory, environment }: ShellStatement, follows: boolean) {
    this.#source = text
    this.#follows = follows
    this.#environment = environment
    this.home = environment.get('HOME') ?? HOME
    this.#notNumbers = [...environment.values()].some((value) => /`|\$\(/.test(value))
    this.directories = [directory ?? this.home]
  }

  /** Facts of every command, in the order in which they stand. */
  facts(): readonly CommandFacts[] {
    if (this.#notNumbers || this.#assigned || this.#hasLoopWords)
      for (const draft of this.#arithmetic) draft.hide('arithmetic works out what variables hold, commands included')
    const steering = [...this.#environment].filter(([name, value]) => steersAlready(name, value)).map(([name]) => name)
    for (const draft of this.#drafts) if (steering.length > 0) draft.add(['environment'])
    return this.#drafts.map((draft) => draft.facts())
  }

  #hasLoopWords = false

  /** Whether following loops went too far: the line gives variables other values on the way. */
  get assigned(): boolean {
    return this.#assigned
  }

  enter(directories: readonly string[]): void {
    const written = directories.map((directory) => (directory === UNKNOWN ? directory : `${directory}/`))
    this.moved = written
    this.directories = together(this.directories, written)
  }

  assigns(): void {
    this.#assigned = true
  }

  /** So many more words are to be looked at; false where that is too much, and the line as a whole not judged. */
  affords(words: number): boolean {
    this.#words -= words
    if (this.#words < 0) this.fault ??= `the line has more than ${MAX_WORDS} words and expansions`
    return this.fault === undefined
  }

  read(text: string, at: Span, scope: Scope): void {
    if (!this.#mayRead(text.length)) return
    if (scope.depth > MAX_DEPTH) this.fault = 'the line has lines in its words deeper than is followed here'
    else this.script(parse(text), { ...scope, origin: scope.origin ?? at })
  }

  /** Every level of lines in lines is another reading of all that stands in it. */
  #mayRead(length: number): boolean {
    this.#unread -= length
    if (this.#unread < 0) this.fault ??= 'the line has more lines in its words than are followed here'
    return this.fault === undefined
  }

  judge(words: readonly Argument[], draft: Draft, scope: Scope): void {
    if (this.fault === undefined) judgeWords(words, { draft, scope, line: this })
  }

  open(at: Span, scope: Scope): Draft {
    const draft = new Draft(this.#budget)
    if (this.#drafts.length >= MAX_COMMANDS) this.fault = TOO_MANY_COMMANDS
    else this.#drafts.push(draft)
    draft.via.push(...scope.via)
    draft.add(scope.inherited)
    draft.account = scope.account
    draft.background = scope.background
    if (scope.background) draft.add(['detached'])
    draft.span = scope.origin ?? { start: at.start, end: at.end }
    return draft
  }

  /** A parsed text: every command of it. */
  script(script: ParsedScript, scope: Scope): void {
    const [error] = script.errors ?? []
    if (error !== undefined) this.fault ??= `syntax error: ${error.message}`
    this.#statements(
      script.commands,
      script.source === undefined ? scope : { ...scope, origin: scope.origin ?? NOWHERE },
    )
  }

  /** Whatever stands inside words: substitutions, and what the shell works out. */
  inside(node: SyntaxNode, draft: Draft | undefined, scope: Scope): void {
    if (this.fault !== undefined) return
    this.#hazard(node, draft, scope)
    if (node.type === 'HereDoc' && node.closing === undefined) this.fault = 'a here-document has no end'
    // Quotes are no quotes in there, so that a substitution between them runs.
    if (node.type === 'HereDocBody' && node.parts !== undefined && /\$\{[^]*'/.test(node.text))
      this.fault = 'quotes in a text of several lines are none, and what stands between them may run'
    if (node.type === 'Script') {
      this.apart(() => this.script(node, substituted(scope)))
      return
    }
    if (
      node.type === 'CommandExpansion' ||
      node.type === 'ProcessSubstitution' ||
      node.type === 'ArithmeticCommandExpansion'
    ) {
      if (!this.#mayRead(node.end - node.pos)) return
      const origin = scope.origin ?? { start: node.pos, end: node.end }
      if (node.script?.source !== undefined) {
        this.apart(() => this.inside(node.script ?? node, draft, { ...scope, origin }))
        return
      }
    }
    forEachChild(node, (child) => this.inside(child, draft, scope))
  }

  /** A folder that is changed in there is not changed out here. */
  apart(walk: () => void): void {
    const { directories, moved } = this
    walk()
    this.directories = directories
    this.moved = moved
  }

  #hazard(node: SyntaxNode, draft: Draft | undefined, scope: Scope): void {
    if (node.type === 'Assignment' && !isNumber(node)) this.#notNumbers = true
    if (node.type === 'ParameterExpansion' && /^\$\{\w+(\[[^\]]*\])?:?=/.test(node.text)) this.#notNumbers = true
    const hazard = hazardOf(node)
    if (hazard === undefined) return
    const own = draft ?? this.open({ start: node.pos, end: node.end }, scope)
    if (hazard === 'indirect') own.hide('a variable names what is worked out, commands included')
    else this.#arithmetic.push(own)
  }

  #statements(statements: readonly Statement[], scope: Scope): void {
    for (const { command, background } of statements) {
      if (this.fault !== undefined) return
      const own = background ? { ...scope, background: true } : scope
      if (command.type === 'AndOr') this.#list(command, own)
      else this.#pipeline(command, own)
    }
  }

  /** Behind `cd somewhere &&` the shell stands there, and nowhere else. */
  #list(
    { commands, operators }: { commands: readonly PipelineNode[]; operators: readonly string[] },
    scope: Scope,
  ): void {
    const before = this.directories
    commands.forEach((command, index) => {
      if (index > 0 && operators[index - 1] === '&&' && this.moved !== undefined) this.directories = this.moved
      this.moved = undefined
      this.#pipeline(command, scope)
      if (command.type !== 'Command') this.moved = undefined
    })
    this.directories = together(before, this.directories)
  }

  #pipeline(node: PipelineNode, scope: Scope): void {
    if (node.type !== 'Pipeline') {
      this.#command(node, scope)
      return
    }
    const timed = node.prefixes.some(({ type }) => type === 'Time') ? within(scope, 'time') : scope
    if (node.commands.length === 1) for (const command of node.commands) this.#command(command, timed)
    else this.#stages(node.commands, timed)
  }

  #stages(commands: readonly CommandNode[], scope: Scope): void {
    if (commands.length > MAX_STAGES) {
      this.fault ??= `a pipeline has more than ${MAX_STAGES} commands`
      return
    }
    const stages: (readonly Draft[])[] = []
    for (const [index, command] of commands.entries()) {
      const last = index === commands.length - 1
      const found = stages.at(-1)?.length === 1 ? stages.at(-1)?.[0]?.found : undefined
      const own: Scope = {
        ...scope,
        found,
        onTerminal: scope.onTerminal && last,
        input: index === 0 ? scope.input : 'pipe',
      }
      const from = this.#drafts.length
      this.apart(() => this.#command(command, own))
      stages.push(this.#drafts.slice(from))
    }
    stages.forEach((stage, index) => {
      const before = stages.slice(0, index).reverse().flatMap(programs)
      const after = stages.slice(index + 1).flatMap(programs)
      for (const draft of stage) {
        draft.readsFrom = [...draft.readsFrom, ...before]
        draft.writesTo = [...draft.writesTo, ...after]
      }
    })
  }

  #command(node: CommandNode, scope: Scope): void {
    if (this.fault !== undefined) return
    switch (node.type) {
      case 'Command': {
        judgeCommand(node, scope, this)
        return
      }
      case 'Redirected':
        judgeCommand(node, scope, this)
        {
          this.#command(node.command, {
            ...scope,
            input: node.redirects.some(({ operator }) => operator.startsWith('<')) ? 'given' : scope.input,
          })
          return
        }
      case 'Subshell': {
        this.apart(() => this.#statements(node.body.commands, scope))
        return
      }
      case 'BraceGroup': {
        this.#statements(node.body.commands, scope)
        return
      }
      case 'For':
      case 'Select': {
        this.#loop(node, scope)
        return
      }
      case 'Function':
        this.open({ start: node.pos, end: node.end }, scope).add(['environment'])
        {
          this.#anywhere(() => this.#body(node.body, scope))
          return
        }
      case 'Coproc': {
        this.#body(node.body, { ...scope, background: true, input: 'pipe', onTerminal: false })
        return
      }
      case 'While':
      case 'ArithmeticFor': {
        this.#again(() => this.#compound(node, scope))
        return
      }
      default: {
        this.#compound(node, scope)
        return
      }
    }
  }

  #body(node: CommandNode | CompoundList, scope: Scope): void {
    if (node.type === 'CompoundList') this.#statements(node.commands, scope)
    else this.#command(node, scope)
  }

  /** Statements of a compound are walked as such, and everything between them for what stands in words. */
  #compound(node: SyntaxNode, scope: Scope): void {
    this.#hazard(node, undefined, scope)
    forEachChild(node, (child) => {
      if (child.type === 'CompoundList') this.#statements(child.commands, scope)
      else if (child.type === 'Elif' || child.type === 'CaseItem') this.#compound(child, scope)
      else if (
        child.type === 'Command' ||
        child.type === 'BraceGroup' ||
        child.type === 'Subshell' ||
        child.type === 'Redirected'
      )
        this.#command(child, scope)
      else this.inside(child, undefined, scope)
    })
  }

  #loop(node: Extract<CommandNode, { type: 'For' | 'Select' }>, scope: Scope): void {
    for (const word of node.wordlist ?? []) this.inside(word, undefined, scope)
    if (steersShell(node.name.text)) this.open({ start: node.pos, end: node.end }, scope).add(['environment'])
    if (node.wordlist?.some(({ text }) => !/^\d+$/.test(text)) !== false) this.#hasLoopWords = true
    const loop = { name: node.name.text, words: node.wordlist }
    const values =
      this.#follows && node.type === 'For'
        ? loopValues(loop, this.#source, { bound: scope.bound, home: this.home })
        : undefined
    const bound = new Map(scope.bound)
    if (values === undefined) bound.delete(node.name.text)
    else bound.set(node.name.text, values)
    this.#again(() => this.#statements(node.body.commands, { ...scope, bound }))
  }

  /** What runs more than once starts again wherever it ended before. */
  #again(walk: () => void): void {
    const [from, before] = [this.#drafts.length, this.directories]
    walk()
    if (this.directories.length === before.length) return
    this.#drafts.length = from
    this.directories = together(this.directories, [UNKNOWN])
    walk()
  }

  /** What runs later does so wherever the shell then stands. */
  #anywhere(walk: () => void): void {
    this.apart(() => {
      this.directories = together(this.directories, [UNKNOWN])
      walk()
    })
  }
}

const NOWHERE: Span = { start: 0, end: 0 }

const substituted = (scope: Scope): Scope => ({ ...scope, onTerminal: false, found: undefined })

const programs = (stage: readonly Draft[]): readonly string[] =>
  stage.flatMap(({ program }) => (program === undefined ? [] : [program]))

function together(some: readonly string[], more: readonly string[]): readonly string[] {
  const all = [...new Set([...some, ...more])]
  return all.length > MAX_DIRECTORIES ? [UNKNOWN] : all
}
