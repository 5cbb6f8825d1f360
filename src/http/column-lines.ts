import type { z } from 'zod'
import type { ShownFacts } from './schemas.ts'

/** Columns that a statement names, one line a table: `public.cards: holder, pan [pan]`. */
export function columnLines({ columns }: Pick<z.infer<typeof ShownFacts>, 'columns'>): readonly string[] {
  const byTable = new Map<string, readonly string[]>()
  for (const { table, column, classes } of columns) {
    const word = classes.length === 0 ? column : `${column} [${classes.join(', ')}]`
    byTable.set(table, [...new Set([...(byTable.get(table) ?? []), word])])
  }
  return [...byTable].map(([table, names]) => `${table}: ${names.join(', ')}`)
}
