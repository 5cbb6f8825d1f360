import type { Wanted } from './wanted.ts'

/** Whether something is what one or several keys of a rule want. */
export type Test<Of> = (subject: Of) => boolean

/** One or two tests are by far the commonest; a loop over them would cost more than they do. */
export function every<Of>([first, second, ...rest]: readonly Test<Of>[]): Test<Of> {
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (rest.length === 0) return (subject) => first(subject) && second(subject)
  const last = every(rest)
  return (subject) => first(subject) && second(subject) && last(subject)
}

export interface Wishes {
  readonly any: readonly string[] | undefined
  readonly not: readonly string[] | undefined
  readonly only: readonly string[] | undefined
  /** There must be a value at all. */
  readonly present: boolean
}

/** What a key wants, as a rule of that kind reads it; see `Wanted`. */
export function wishes({ any, not, only, bare }: Wanted, allows: boolean): Wishes {
  if (bare === undefined) return { any, not, only, present: false }
  return allows
    ? { any: undefined, not, only: bare, present: true }
    : { any: bare, not, only: undefined, present: false }
}

/** One test for what a key wants of the values of a subject. */
export function valueTest<Value, Of>(
  { any, not, only, present }: Wishes,
  compile: (patterns: readonly string[]) => (value: Value) => boolean,
  values: (subject: Of) => readonly Value[],
): Test<Of> {
  const tests: Test<Of>[] = []
  const [isAny, isNot, isOnly] = [any, not, only].map((patterns) => patterns && compile(patterns))
  if (present) tests.push((subject) => values(subject).length > 0)
  if (isAny) tests.push((subject) => values(subject).some(isAny))
  if (isNot) tests.push((subject) => !values(subject).some(isNot))
  if (isOnly) tests.push((subject) => values(subject).every(isOnly))
  return every(tests)
}
