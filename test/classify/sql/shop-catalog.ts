import type { Catalog, CatalogFunction, Relation, RelationKind } from '../../../src/model/catalog.ts'

const TYPES: Readonly<Record<string, number>> = {
  int: 23,
  text: 25,
  numeric: 1700,
  json: 3802,
  time: 1184,
  bool: 16,
  texts: 1009,
}

interface Extra {
  readonly schema?: string
  readonly kind?: RelationKind
  readonly definition?: string
  readonly parents?: readonly string[]
  readonly hasRules?: boolean
}

const oids = new Map<string, number>()

function oidOf(name: string): number {
  const oid = oids.get(name) ?? 16_400 + oids.size
  oids.set(name, oid)
  return oid
}

/** A relation; columns are written `name`, `name type` or `name type class`. */
export function relation(name: string, columns: readonly string[], extra: Extra = {}): Relation {
  return {
    oid: oidOf(name),
    schema: extra.schema ?? 'public',
    name,
    kind: extra.kind ?? 'table',
    columns: columns.map((text, at) => {
      const [column = '', type = 'int', tagged] = text.split(' ')
      return { attnum: at + 1, name: column, typeOid: TYPES[type] ?? 23, classes: tagged === undefined ? [] : [tagged] }
    }),
    definition: extra.definition,
    hasRules: extra.hasRules ?? false,
    parents: (extra.parents ?? []).map(oidOf),
    estimatedRows: 1000,
    system: extra.schema === 'pg_catalog',
  }
}

const view = (name: string, columns: readonly string[], definition: string): Relation =>
  relation(name, columns, { kind: 'view', definition })

export const userFunction = (name: string, extra: Partial<CatalogFunction> = {}): CatalogFunction => ({
  oid: oidOf(`${name}()`),
  schema: 'public',
  name,
  volatility: 'volatile',
  language: 'plpgsql',
  securityDefiner: false,
  extension: undefined,
  ...extra,
})

const CARDS = ['id', 'holder text holder', 'pan text pan', 'cvv text cvv', 'exp text expiry', 'customer_id']

/** A shop with cards: pan, cvv, holder and expiry are tagged, everything else is not. */
export const shop: Catalog = {
  epoch: 'shop-1',
  serverVersion: 150018,
  searchPath: ['public'],
  relations: [
    relation('cards', CARDS),
    relation('customers', ['id', 'name text', 'email text', 'created_at time']),
    relation('items', ['id', 'name text', 'price numeric', 'tags texts', 'attrs json']),
    relation('orders', ['id', 'customer_id', 'total numeric', 'status text', 'created_at time']),
    relation('order_items', ['order_id', 'item_id', 'quantity', 'price numeric']),
    relation('payments', ['id', 'card_id', 'amount numeric', 'created_at time']),
    relation('users', [
      'id',
      'name text',
      'email text',
      'active bool',
      'role text',
      'last_login time',
      'settings json',
    ]),
    relation('pgbench_accounts', ['aid', 'bid', 'abalance', 'filler text']),
    relation('pgbench_branches', ['bid', 'bbalance', 'filler text']),
    relation('pgbench_tellers', ['tid', 'bid', 'tbalance', 'filler text']),
    relation('pgbench_history', ['tid', 'bid', 'aid', 'delta', 'mtime time', 'filler text']),
    relation('guess', ['pan text', 'n']),
    relation('events', ['id', 'at time', 'body json'], { kind: 'partitioned' }),
    relation('events_2026', ['id', 'at time', 'body json'], { parents: ['events'] }),
    relation('vault', ['id', 'secret text'], { kind: 'partitioned' }),
    relation('vault_1', ['id', 'secret text pan'], { parents: ['vault'] }),
    relation('vault_2', ['id', 'secret text'], { parents: ['vault'] }),
    relation('ruled', ['id'], { hasRules: true }),
    relation('remote', ['id'], { kind: 'foreign-table' }),
    relation('item', ['id', 'name text'], { schema: 'other' }),
    view('card_list', ['id', 'holder text'], 'SELECT cards.id, cards.holder FROM cards;'),
    view('card_ids', ['id', 'customer_id'], 'SELECT cards.id, cards.customer_id FROM cards;'),
    view('card_pans', ['id', 'number text'], 'SELECT cards.id, cards.pan AS number FROM cards;'),
    view('card_view_2', ['id', 'n text'], 'SELECT card_pans.id, card_pans.number AS n FROM card_pans;'),
    view('card_bins', ['id', 'bin text'], 'SELECT cards.id, "left"(cards.pan, 6) AS bin FROM cards;'),
    view('item_names', ['id', 'name text'], 'SELECT items.id, items.name FROM items;'),
    view('looped', ['id'], 'SELECT looped.id FROM looped;'),
    view('opaque', ['id'], 'SELECT f(items.id) AS id FROM items;'),
    relation('daily', ['d time', 's numeric'], {
      kind: 'materialized-view',
      definition:
        "SELECT date_trunc('day'::text, orders.created_at) AS d, sum(orders.total) AS s FROM orders GROUP BY (date_trunc('day'::text, orders.created_at));",
    }),
  ],
  functions: [
    userFunction('addone', { language: 'sql' }),
    userFunction('lower', { schema: 'evil' }),
    userFunction('initcap'),
    userFunction('similarity', { extension: 'pg_trgm', volatility: 'immutable', language: 'c' }),
  ],
  operators: new Set(['%', '<<<']),
  types: new Set(['card_number']),
}
