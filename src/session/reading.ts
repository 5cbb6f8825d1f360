import type { Catalog } from '../model/catalog.ts'
import type { SqlFacts, RelationUse } from '../model/facts.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { SqlStatement } from '../model/statement.ts'
import { Lru } from '../std/lru.ts'
import { KeptFacts } from './kept-facts.ts'
import type { AnyReading } from './matter.ts'
import { SeenTexts } from './seen-texts.ts'
import type { SessionScope } from './scope.ts'

/** What classification made of one SQL text. */
export interface Reading extends AnyReading<SqlFacts> {
  /** The snapshot, tagged by the packs of that moment, that names were resolved against. */
  readonly catalog: Catalog | undefined
}

/** Text in, facts out; at once for a short text, later for a long one (it goes to a worker with a deadline). */
export type Classify = (
  statement: SqlStatement,
  scope: SessionScope,
  catalog: Catalog | undefined,
) => readonly SqlFacts[] | Promise<readonly SqlFacts[]>

export interface ReadingDeps {
  readonly classify: Classify
  readonly redact: (text: string, facts: readonly SqlFacts[]) => RedactedText
  readonly scrub: (text: string) => Scrubbed
}

/** How many texts a target remembers. An application's statements repeat; a person's do not. */
const REMEMBERED = 4096
/** A text longer than this is read anew each time rather than kept. */
const LONGEST_KEPT = 16_384

/** Reads texts for every session of one target and remembers what does not depend on the session. */
export class Reader {
  readonly #deps: ReadingDeps
  readonly #kept = new Lru<string, Reading>(REMEMBERED)
  readonly #seen = new SeenTexts(REMEMBERED)
  readonly #keptFacts: KeptFacts
  #last: Reading | undefined
  #keptFor: { readonly epoch: string | undefined; readonly catalog: Catalog | undefined } | undefined

  constructor(deps: ReadingDeps) {
    this.#deps = deps
    this.#keptFacts = new KeptFacts(deps.scrub)
  }

  read(statement: SqlStatement, scope: SessionScope, catalog: Catalog | undefined): Reading | Promise<Reading> {
    const shared = !scope.dirty && scope.searchPath !== undefined && scope.searchPath === catalog?.searchPath
    if (!shared) return this.#readAnew(statement, scope, catalog)
    this.#forgetUnless(catalog)
    const kept = this.#kept.get(statement.text)
    if (kept !== undefined) return kept
    const reading = this.#readAnew(statement, scope, catalog)
    if (!(reading instanceof Promise)) this.#keep(statement.text, reading)
    return reading
  }

  /** A new catalog, even of the same epoch with other packs' classes, makes every kept reading stale. */
  #forgetUnless(catalog: Catalog | undefined): void {
    if (this.#keptFor?.catalog === catalog && this.#keptFor !== undefined) return
    this.#kept.clear()
    this.#keptFor = { epoch: catalog?.epoch, catalog }
  }

  #keep(text: string, reading: Reading): void {
    if (text.length > LONGEST_KEPT || reading.facts.some(dependsOnNames)) return
    // Texts with ever new literals never come again: keeping those would only push out what does, and cost the collector its time.
    if (this.#seen.again(text)) this.#kept.set(text, reading)
  }

  #readAnew(statement: SqlStatement, scope: SessionScope, catalog: Catalog | undefined): Reading | Promise<Reading> {
    const facts = this.#deps.classify(statement, scope, catalog)
    return facts instanceof Promise
      ? facts.then((found) => this.#reading(statement, found, catalog))
      : this.#reading(statement, facts, catalog)
  }

  #reading(statement: SqlStatement, facts: readonly SqlFacts[], catalog: Catalog | undefined): Reading {
    const redacted = this.#deps.redact(statement.text, facts)
    const last = this.#last
    // Texts that differ in their values alone come with the same facts.
    if (last?.facts === facts && last.catalog === catalog) return { ...last, redacted }
    const tagged = facts.some(touchesTagged)
    const kept = this.#keptFacts.of(facts)
    const wantsFresh = tagged || facts.some((one) => one.reads.some(isView))
    this.#last = { facts, redacted, kept, catalog, epoch: catalog?.epoch, tagged, wantsFresh }
    return this.#last
  }
}

/** What stands behind a name differs from session to session. */
const dependsOnNames = (facts: SqlFacts): boolean => facts.names.length > 0

const isView = ({ kind, system }: RelationUse): boolean => !system && (kind === 'view' || kind === 'materialized-view')

const touchesTagged = (facts: SqlFacts): boolean =>
  facts.classes.length > 0 || facts.probes.length > 0 || facts.writes.some((relation) => relation.classes.length > 0)
