import type { SqlFacts } from '../model/facts.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { StatementFacts } from '../recording/event.ts'
import { Lru } from '../std/lru.ts'

/** How many different outcomes are remembered; texts that differ in their values alone share one. */
const REMEMBERED = 1024

/**
 * Makes the recorded form of facts. Equal facts of single statements give the same object, because the recording serialises an object that it has seen
 * but once, whatever the text around it.
 */
export class KeptFacts {
  readonly #scrub: (text: string) => Scrubbed
  readonly #known = new Lru<string, readonly StatementFacts[]>(REMEMBERED)

  constructor(scrub: (text: string) => Scrubbed) {
    this.#scrub = scrub
  }

  of(facts: readonly SqlFacts[]): readonly StatementFacts[] {
    const [only, ...more] = facts
    // What is not understood has gaps of its own, and is rare.
    if (only === undefined || more.length > 0 || !only.complete) return facts.map((one) => this.#kept(one))
    const key = keyOf(only)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const fresh = [this.#kept(only)]
    this.#known.set(key, fresh)
    return fresh
  }

  #kept(facts: SqlFacts): StatementFacts {
    const scrub = this.#scrub
    return {
      verbs: facts.verbs,
      effects: facts.effects,
      tables: unique([...facts.reads, ...facts.writes].map(({ schema, name }) => `${schema}.${name}`)).map(scrub),
      columns: facts.columns
        .filter((column) => column.classes.length > 0)
        .map(({ schema, table, column }) => scrub(`${schema}.${table}.${column}`)),
      classes: unique([...facts.classes, ...facts.writes.flatMap((relation) => relation.classes)]),
      complete: facts.complete,
      gaps: facts.gaps.map(scrub),
    }
  }
}

/**
 * Everything that the recorded form of complete facts is made of. Neither the server's names nor ours hold a NUL, and the lengths of all lists stand in
 * front, so different facts have different keys.
 */
function keyOf({ verbs, effects, reads, writes, columns, classes }: SqlFacts): string {
  let key = `${verbs.length} ${effects.length} ${classes.length} ${reads.length} ${writes.length}`
  for (const names of [verbs, effects, classes]) for (const name of names) key += `\0${name}`
  for (const uses of [reads, writes])
    for (const { schema, name, classes: tagged } of uses)
      key += `\0${schema}\0${name}\0${tagged.length}\0${tagged.join('\0')}`
  for (const { schema, table, column, classes: tagged } of columns)
    if (tagged.length > 0) key += `\0${schema}\0${table}\0${column}`
  return key
}

const unique = (names: readonly string[]): readonly string[] => (names.length < 2 ? names : [...new Set(names)])
