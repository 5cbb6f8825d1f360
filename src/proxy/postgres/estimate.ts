import type { SimpleClient } from './simple-client.ts'

/** Longer planning than this says nothing that a person waits for; a lock that is not to be had at once is held by somebody's work. */
const LIMITS = "SET LOCAL statement_timeout = '500ms'; SET LOCAL lock_timeout = '100ms'"
/** Frames of more statements are not read line by line anyway. */
const MOST = 20

/**
 * How many rows the planner expects each text to reach, in a transaction that can change nothing and is always rolled back; nothing is run. Each text has to be
 * one statement by the server's own grammar. Undefined where the planner refused it.
 */
export async function planRows(
  client: SimpleClient,
  texts: readonly string[],
  searchPath: readonly string[],
): Promise<readonly (number | undefined)[]> {
  const rows: (number | undefined)[] = []
  for (const text of texts.slice(0, MOST)) rows.push(await planOne(client, text, searchPath))
  return rows
}

async function planOne(client: SimpleClient, text: string, searchPath: readonly string[]): Promise<number | undefined> {
  try {
    await client.query(
      `BEGIN READ ONLY; ${LIMITS}; SET LOCAL search_path TO ${searchPath.map(quoted).join(', ') || "''"}`,
    )
    const [row] = await client.query(`EXPLAIN (FORMAT JSON) ${text}`)
    return rowsOf(JSON.parse(row?.[0] ?? 'null'))
  } catch {
    // Refused, too slow, or no JSON: then there is no estimate. A connection that broke refuses the next one as well.
    return undefined
  } finally {
    if (client.isOpen) await client.query('ROLLBACK').catch(() => undefined)
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The rows of a plan, or of what it would change, whichever are more; undefined for what is no plan. */
export function rowsOf(explained: unknown): number | undefined {
  const first: unknown = Array.isArray(explained) ? explained[0] : undefined
  const plan = field(first, 'Plan')
  return isNode(plan) ? Math.max(...reached(plan)) : undefined
}

/** A node that changes rows has none of its own: those that come out of what is below it are changed. */
function reached(node: Node): readonly number[] {
  const below = plansOf(node)
  const own = node['Node Type'] === 'ModifyTable' ? below.filter(isOuter).reduce((sum, one) => sum + rows(one), 0) : 0
  const changes = below.flatMap((one) => reached(one).slice(1))
  return [rows(node), own, ...changes]
}

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

const field = (value: unknown, key: string): unknown => (isNode(value) ? value[key] : undefined)

const plansOf = (node: Node): readonly Node[] => (Array.isArray(node['Plans']) ? node['Plans'].filter(isNode) : [])

const isOuter = (node: Node): boolean =>
  node['Parent Relationship'] !== 'InitPlan' && node['Parent Relationship'] !== 'SubPlan'

const rows = (node: Node): number => (typeof node['Plan Rows'] === 'number' ? node['Plan Rows'] : 0)
