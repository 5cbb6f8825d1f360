/** What is set of a list's filters, without the parts that are not the list's own (a cursor, a format). */
export const setOf = (filters: object, leave: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(filters).filter(
      (one): one is [string, string] => typeof one[1] === 'string' && !leave.includes(one[0]),
    ),
  )

/** The same as the search part of an address. */
export const queryOf = (filters: Readonly<Record<string, string>>): string => new URLSearchParams(filters).toString()
