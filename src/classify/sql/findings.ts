import type {
  ColumnUse,
  CopyUse,
  Effect,
  FunctionUse,
  NameUse,
  RelationUse,
  SettingUse,
  Verb,
} from '../../model/facts.ts'
import type { ClassName } from '../../model/ids.ts'
import { NO_CLASSES, union, type Column } from './column.ts'

/** What one walk over a statement gathers. It only ever grows; `facts` are made of it at the end. */
export class Findings {
  readonly verbs: Verb[] = []
  readonly effects: Effect[] = []
  readonly reads: RelationUse[] = []
  readonly writes: RelationUse[] = []
  readonly columns: ColumnUse[] = []
  readonly functions: FunctionUse[] = []
  readonly settings: SettingUse[] = []
  readonly names: NameUse[] = []
  readonly gaps: string[] = []
  /** Offsets of literals that are compared with a column without a class, or stand in LIMIT. */
  readonly clearLiterals: number[] = []
  readonly clearParameters: number[] = []
  /** Parameters that are used in another way as well. */
  readonly otherParameters: number[] = []
  probes: readonly ClassName[] = NO_CLASSES
  copy: CopyUse | undefined
  filtered = true
  changesCatalog = false
  /** A tagged column, a star, a whole row or a column of an unclear view was named. */
  namesUnclear = false
  /** Effects of relations in FROM that count where more than their harmless columns may be meant. */
  readonly guarded: Effect[] = []
  /** What comes back is a plan and no rows. */
  plan = false

  verb(verb: Verb): void {
    if (!this.verbs.includes(verb)) this.verbs.push(verb)
  }

  effect(effect: Effect): void {
    if (!this.effects.includes(effect)) this.effects.push(effect)
  }

  gap(text: string): void {
    if (!this.gaps.includes(text) && this.gaps.length < MAX_GAPS) this.gaps.push(text)
  }

  read(use: RelationUse): void {
    add(this.reads, use)
    this.effect('read')
  }

  write(use: RelationUse): void {
    add(this.writes, use)
    this.effect('write')
  }

  column(column: Column): void {
    if (column.use !== undefined && !this.columns.includes(column.use)) this.columns.push(column.use)
    if (!column.clear) this.namesUnclear = true
    if (column.effects !== undefined) for (const effect of column.effects) this.effect(effect)
  }

  /** All was read: a star, a whole row or what is not understood may mean any column. */
  settle(): void {
    if (this.namesUnclear || this.gaps.length > 0) for (const effect of this.guarded) this.effect(effect)
  }

  call(use: FunctionUse): void {
    if (!this.functions.some((one) => one.name === use.name && one.schema === use.schema)) this.functions.push(use)
  }

  probe(classes: readonly ClassName[]): void {
    if (classes.length > 0) this.probes = union(this.probes, classes)
  }
}

/** Enough to tell a person what is wrong; a hostile text could have thousands. */
const MAX_GAPS = 20

function add(uses: RelationUse[], use: RelationUse): void {
  if (!uses.some((one) => one.schema === use.schema && one.name === use.name && one.via === use.via)) uses.push(use)
}

/** A name of the text inside a gap: gaps are shown and recorded, and a person can type a card number as a name. */
export const printable = (name: string): string =>
  /^[\p{L}_][\p{L}\d_$. -]{0,80}$/u.test(name) && !/(\d\D?){6}/.test(name) ? name : '(withheld)'
