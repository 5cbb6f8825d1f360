import { anyOf } from './glob.ts'
import type { Name } from './subject.ts'

export type NameTest = (name: Name) => boolean

/**
 * A test for dotted names: `cards` is that name in any schema, `shop.cards` and `shop.*` name the schema as well. The parts are compared one
 * by one, so a dot inside a quoted name is never taken for a separator.
 *
 * `strict` is for rules that allow: names must be spelled as the database spells them, and one that did not resolve matches nothing. Rules
 * that hold or deny compare without regard to case and take an unresolved name for any schema's.
 */
export function namedAs(patterns: readonly string[], strict: boolean): NameTest {
  const tests = patterns.map((pattern) => oneName(strict ? pattern : pattern.toLowerCase(), strict))
  return (name) => tests.some((test) => test(name))
}

function oneName(pattern: string, strict: boolean): NameTest {
  const dot = pattern.indexOf('.')
  const inSchema = anyOf([dot < 0 ? '*' : pattern.slice(0, dot)])
  const named = anyOf([pattern.slice(dot + 1)])
  if (strict) return ({ schema, name }) => schema !== '' && named(name) && inSchema(schema)
  return ({ schema, name }) => named(name.toLowerCase()) && (schema === '' || inSchema(schema.toLowerCase()))
}

/** A test for columns: `pan`, `cards.pan` or `shop.cards.pan`, each part with wildcards; otherwise as `namedAs`. */
export function columnAs(patterns: readonly string[], strict: boolean): NameTest {
  const tests = patterns.map((pattern) => oneColumn(strict ? pattern : pattern.toLowerCase(), strict))
  return (name) => tests.some((test) => test(name))
}

function oneColumn(pattern: string, strict: boolean): NameTest {
  const { schema, table, column } = columnParts(pattern)
  const inTable = oneName(`${schema}.${table}`, strict)
  const matches = anyOf([column])
  return (name) => inTable(name) && matches(strict ? (name.column ?? '') : (name.column ?? '').toLowerCase())
}

/** The three parts of a column pattern; what is left out in front stands for anything. */
export function columnParts(pattern: string): { schema: string; table: string; column: string } {
  const parts = pattern.split('.')
  return { schema: parts.at(-3) ?? '*', table: parts.at(-2) ?? '*', column: parts.at(-1) ?? '*' }
}
