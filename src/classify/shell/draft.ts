import type { ActionEffect, CommandFacts, PathUse } from '../../model/action-facts.ts'
import { resolvePath, type Resolved } from './paths.ts'
import { effectsOfPath } from './places.ts'
import { isWild } from './wildcards.ts'
import type { Argument } from './words.ts'

/** PATH_MAX of Linux. */
const MAX_PATH = 4_096

/** How much work for the paths of one line is left; shared by its commands. */
export interface PathBudget {
  left: number
}

/** Finding out where a path leads from each folder. A path with wildcards is compared with every place of the table, character by character. */
const PATH_COST = 2
const WILD_COST = 40
const WILD_CHARACTER_COST = 2

/** Enough for every line that a person would read, and no more than a few milliseconds. */
export const PATHS_OF_LINE = 4_000

/** Most paths that one command is shown with; beyond that it counts as not understood. */
const MAX_PATHS = 500

/** What is known so far of one command. */
export class Draft {
  readonly #budget: PathBudget
  readonly #used = new Set<string>()
  readonly effects = new Set<ActionEffect>()
  readonly paths: PathUse[] = []
  readonly gaps: string[] = []
  readonly options: string[] = []
  readonly via: string[] = []
  program: string | undefined
  word: string | undefined
  arguments: readonly (string | undefined)[] = []
  account: string | undefined
  readsFrom: readonly string[] = []
  writesTo: readonly string[] = []
  background = false
  span = { start: 0, end: 0 }
  /** Folders whose files a `find` lists on its output, for what reads them there. */
  found: readonly string[] | undefined

  constructor(budget: PathBudget) {
    this.#budget = budget
  }

  add(effects: readonly ActionEffect[]): void {
    for (const effect of effects) this.effects.add(effect)
  }

  /** Something is not known; `text` says what, to a person. */
  gap(text: string): void {
    if (!this.gaps.includes(text) && this.gaps.length < MAX_GAPS) this.gaps.push(text)
  }

  /** What runs is known only at run time. */
  hide(text: string): void {
    this.effects.add('hidden')
    this.gap(text)
  }

  /** The command does that with the path, wherever it may be standing. */
  usePath(pattern: string, does: PathUse['does'], directories: readonly string[]): void {
    if (pattern.length > MAX_PATH) this.gap('a path is longer than any system takes it')
    else if (this.#budget.left <= 0) this.gap(TOO_MANY_PATHS)
    else for (const resolved of resolvePath(pattern, directories)) this.#use(resolved, does)
  }

  #use({ pattern, path, absolute, gap, climbs }: Resolved, does: PathUse['does']): void {
    // What is only named, and neither read nor changed, may be anything.
    if (gap !== undefined && does !== 'list') this.gap(gap)
    if (climbs && does !== 'list') this.gap(`${path} is reached through a folder that may be a link to elsewhere`)
    const key = `${does} ${pattern}`
    this.#budget.left -= PATH_COST
    if (this.#used.has(key)) return
    if (this.#used.size >= MAX_PATHS || this.#budget.left <= 0) {
      this.gap(TOO_MANY_PATHS)
      return
    }
    this.#used.add(key)
    if (isWild(pattern)) this.#budget.left -= WILD_COST + WILD_CHARACTER_COST * pattern.length
    this.add(effectsOfPath(pattern, does))
    this.paths.push({ path, absolute, does })
  }

  /** The same for an argument, whatever it may stand for. */
  useArgument({ patterns }: Argument, does: PathUse['does'], directories: readonly string[]): void {
    for (const pattern of patterns) this.usePath(pattern, does, directories)
  }

  facts(): CommandFacts {
    if (this.effects.size === 0) this.effects.add('output')
    // Saying something beside doing something is no news.
    if (this.effects.size > 1) this.effects.delete('output')
    return {
      kind: 'command',
      effects: [...this.effects],
      program: this.program,
      word: this.word,
      arguments: this.arguments,
      options: [...new Set(this.options)],
      paths: this.paths,
      via: this.via,
      account: this.account,
      readsFrom: this.readsFrom,
      writesTo: this.writesTo,
      background: this.background,
      complete: this.gaps.length === 0,
      gaps: this.gaps,
      span: this.span,
    }
  }
}

const TOO_MANY_PATHS = 'the line names more paths than are looked at'

/** Gaps beyond these tell nobody more. */
const MAX_GAPS = 20
