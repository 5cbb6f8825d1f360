import { createClassifier } from '../../../src/classify/sql/classify.ts'
import { createParser } from '../../../src/classify/sql/parse.ts'
import type { Scope } from '../../../src/classify/sql/scope.ts'
import type { SqlFacts } from '../../../src/model/facts.ts'
import { loadGrammar } from '../../../src/parsing/grammar.ts'
import { shop } from './shop-catalog.ts'

export const parser = await createParser({ grammar: await loadGrammar() })
const classify = createClassifier({ parse: parser.parse })

/** The session of a person who has changed nothing. */
export const calm: Scope = { catalog: shop, searchPath: shop.searchPath, dirty: false, names: () => undefined }

/** Facts of every statement of the text. */
export const all = (text: string, scope: Partial<Scope> = {}): readonly SqlFacts[] =>
  classify(parser.parse(text), { ...calm, ...scope })

/** Facts of a text that is one statement. */
export function one(text: string, scope: Partial<Scope> = {}): SqlFacts {
  const [facts, ...more] = all(text, scope)
  if (facts === undefined || more.length > 0) throw new Error('the text is not one statement')
  return facts
}
