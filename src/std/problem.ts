/** A place in a file, both 1-based. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something wrong in a file that a person wrote: where it is, what is wrong and what to write instead. Never quotes a secret. */
export interface Problem extends Position {
  readonly file: string
  readonly message: string
}

/** `file:line:column: message`, the form that editors and terminals make clickable. */
export const printProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`

/** In reading order of each file, one of each. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const once = new Map(problems.map((problem) => [printProblem(problem), problem]))
  return [...once.values()].sort(
    (a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column || byText(a.message, b.message),
  )
}

// Not by locale: the same file gives the same list everywhere.
const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
