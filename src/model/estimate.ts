/** How many rows the target's planner expects one statement to reach, or why nobody can say. */
export type Estimate = { readonly rows: number } | { readonly none: string }
