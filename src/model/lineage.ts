/**
 * How far the shown columns of a result are known.
 *
 * - `none`: the statement returns no rows.
 * - `clear`: proved that nothing of a tagged column can be in them.
 * - `origin`: each column by the origin that the server reports; a column without an origin in an ordinary table is hidden.
 *
 * The full lineage engine will add a fourth kind that carries one lineage a column; `mask` switches on `kind` exhaustively.
 */
export type Output = { readonly kind: 'none' } | { readonly kind: 'clear' } | { readonly kind: 'origin' }
