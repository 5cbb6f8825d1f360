import { randomBytes } from 'node:crypto'
import { formatVerifier, mintVerifier } from '../../protocol/postgres/scram-verifier.ts'
import type { SimpleClient } from '../../proxy/postgres/simple-client.ts'
import { Secret } from '../../std/secret.ts'
import { FILL } from './card-shop-rows.ts'
import { GRANTS, SHOP_ACCOUNT, SHOP_DATABASE, TABLES } from './card-shop-schema.ts'

export interface CardShop {
  readonly database: string
  /** The account that Countersign logs in with: rows of the four tables, no superuser, no CREATE, no TEMP. */
  readonly account: string
  /** New at every start; kept nowhere. */
  readonly password: Secret
}

/** Opens a superuser's connection to one database of the cluster. */
export type ConnectAsSuperuser = (database: string) => Promise<SimpleClient>

/**
 * Makes the demo's database with its rows and its account, or finds them in a kept cluster (as the last run left them) and only sets a new
 * password. Throws what the client throws.
 */
export async function openCardShop(connect: ConnectAsSuperuser): Promise<CardShop> {
  const password = new Secret(randomBytes(24).toString('base64url'))
  const account = `ROLE ${SHOP_ACCOUNT} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${verifierOf(password)}'`
  await using(connect, 'postgres', async (client) => {
    const isKnown = await exists(client, `pg_roles WHERE rolname = '${SHOP_ACCOUNT}'`)
    await client.query(`${isKnown ? 'ALTER' : 'CREATE'} ${account}`)
    if (!(await exists(client, `pg_database WHERE datname = '${SHOP_DATABASE}'`))) {
      await client.query(`CREATE DATABASE ${SHOP_DATABASE}`)
    }
  })
  await using(connect, SHOP_DATABASE, fill)
  return { database: SHOP_DATABASE, account: SHOP_ACCOUNT, password }
}

/** The server's log may repeat statements, so no password stands in one. */
const verifierOf = (password: Secret): string => formatVerifier(mintVerifier(password, randomBytes(16), 4096))

/** All or nothing: a run that is killed half-way leaves an empty database that the next one fills. */
async function fill(client: SimpleClient): Promise<void> {
  if (await exists(client, "pg_class WHERE relname = 'refunds'")) return
  await client.query(['BEGIN', ...TABLES, ...GRANTS, ...FILL, 'COMMIT'].join(';\n'))
  await client.query('VACUUM ANALYZE')
}

const exists = async (client: SimpleClient, from: string): Promise<boolean> =>
  (await client.query(`SELECT 1 FROM pg_catalog.${from}`)).length > 0

async function using(
  connect: ConnectAsSuperuser,
  database: string,
  work: (client: SimpleClient) => Promise<void>,
): Promise<void> {
  const client = await connect(database)
  try {
    await work(client)
  } finally {
    client.close()
  }
}
