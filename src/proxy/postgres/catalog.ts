import { createHash } from 'node:crypto'
import type { Catalog, CatalogColumn, CatalogFunction, Relation, RelationKind } from '../../model/catalog.ts'
import {
  COLUMNS,
  EPOCH,
  FUNCTIONS,
  OPERATORS,
  PARENTS,
  RELATIONS,
  SEARCH_PATH,
  SERVER_VERSION,
  SNAPSHOT,
  TRUSTED,
  TYPES,
} from './catalog-queries.ts'
import type { SimpleClient, TextRow } from './simple-client.ts'
import { UpstreamError } from './upstream-error.ts'

/**
 * Reads what the database says about itself, from one snapshot, as whatever account the client has: no privilege is needed. About 20 ms for a small database.
 * The search path is the one of the client's login, so a client that logged in before somebody changed it tells an old one. Throws UpstreamError.
 */
export async function loadCatalog(client: SimpleClient): Promise<Catalog> {
  const searchPath = names(await client.query(`${SNAPSHOT}; SET LOCAL search_path TO DEFAULT; ${SEARCH_PATH}`))
  try {
    await client.query(TRUSTED)
    return { searchPath, ...(await readAll(client)) }
  } finally {
    if (client.isOpen) await client.query('ROLLBACK')
  }
}

/** Reads the epoch alone, in one round trip of about 2 ms. */
export async function readEpoch(client: SimpleClient): Promise<string> {
  return epochOf(await client.query(`${TRUSTED}; ${EPOCH}`))
}

async function readAll(client: SimpleClient): Promise<Omit<Catalog, 'searchPath'>> {
  const epoch = epochOf(await client.query(EPOCH))
  const [version] = names(await client.query(SERVER_VERSION))
  const columns = columnsByRelation(await client.query(COLUMNS))
  const parents = parentsByChild(await client.query(PARENTS))
  const relations = (await client.query(RELATIONS)).map((row) => relationOf(row, columns, parents))
  const functions = (await client.query(FUNCTIONS)).map(functionOf)
  const operators = new Set(names(await client.query(OPERATORS)))
  const types = new Set(names(await client.query(TYPES)))
  return { epoch, serverVersion: Number(version), relations, functions, operators, types }
}

function epochOf([row]: readonly TextRow[]): string {
  if (row === undefined) throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'no epoch' })
  const text = row.map((hash) => hash ?? '-').join(' ')
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

const names = (rows: readonly TextRow[]): string[] => rows.map((row) => cell(row, 0))

/** A cell that is never NULL. */
function cell(row: TextRow, at: number): string {
  const text = row[at]
  if (text === undefined || text === null)
    throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'a catalog row with a hole' })
  return text
}

function columnsByRelation(rows: readonly TextRow[]): ReadonlyMap<number, readonly CatalogColumn[]> {
  const columns = new Map<number, CatalogColumn[]>()
  for (const row of rows) {
    const [attnum, name, typeOid] = [Number(cell(row, 1)), cell(row, 2), Number(cell(row, 3))]
    const generated = cell(row, 4) === 't'
    const computedFrom = row[5]?.split(' ').map(Number)
    const column = {
      attnum,
      name,
      typeOid,
      classes: [],
      generated,
      ...(computedFrom !== undefined && { computedFrom }),
    }
    append(columns, Number(cell(row, 0)), column)
  }
  return columns
}

function parentsByChild(rows: readonly TextRow[]): ReadonlyMap<number, readonly number[]> {
  const parents = new Map<number, number[]>()
  for (const row of rows) append(parents, Number(cell(row, 0)), Number(cell(row, 1)))
  return parents
}

function append<Item>(lists: Map<number, Item[]>, key: number, item: Item): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized-view',
  f: 'foreign-table',
  S: 'sequence',
  c: 'composite',
}

function relationOf(
  row: TextRow,
  columns: ReadonlyMap<number, readonly CatalogColumn[]>,
  parents: ReadonlyMap<number, readonly number[]>,
): Relation {
  const oid = Number(cell(row, 0))
  return {
    oid,
    schema: cell(row, 1),
    name: cell(row, 2),
    kind: KINDS[cell(row, 3)] ?? 'unknown',
    columns: columns.get(oid) ?? [],
    definition: row[7] ?? undefined,
    hasRules: cell(row, 6) === 't',
    parents: parents.get(oid) ?? [],
    estimatedRows: Number(cell(row, 4)),
    system: cell(row, 5) === 't',
  }
}

const VOLATILITY: Readonly<Record<string, CatalogFunction['volatility']>> = {
  i: 'immutable',
  s: 'stable',
  v: 'volatile',
}

const functionOf = (row: TextRow): CatalogFunction => ({
  oid: Number(cell(row, 0)),
  schema: cell(row, 1),
  name: cell(row, 2),
  volatility: VOLATILITY[cell(row, 3)] ?? 'volatile',
  language: cell(row, 4),
  securityDefiner: cell(row, 5) === 't',
  extension: row[6] ?? undefined,
})
