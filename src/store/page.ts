const MAX_ROWS = 500
const DEFAULT_ROWS = 100

/** The bounds of one page of a list: rows before a moment, newest first. */
export const pageOf = ({ before, limit }: { readonly before?: number; readonly limit?: number }) => ({
  before: before ?? Number.MAX_SAFE_INTEGER,
  limit: Math.min(MAX_ROWS, Math.max(1, Math.trunc(limit ?? DEFAULT_ROWS))),
})
