import { randomBytes } from 'node:crypto'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/cli/demo/embedded-postgres.ts'
import { connectSimple, type SimpleClient } from '../src/proxy/postgres/simple-client.ts'
import { systemClock } from '../src/std/clock.ts'
import { Secret } from '../src/std/secret.ts'
import { output } from './child.ts'
import { PGBENCH } from './pgbench.ts'

export const DATABASE = 'bench'
const ACCOUNT = 'bench'

export interface BenchDatabase {
  readonly port: number
  /** The account without special rights that every route logs in with. */
  readonly account: string
  readonly password: Secret
  stop(): Promise<void>
}

/** Enough for every client and a pooler's own. */
const SETTINGS = ['max_connections=500', 'shared_buffers=512MB', 'autovacuum=off', 'jit=off']

/** A million rows as in the demo's shop; the numbers are published test numbers. */
const CARDS = `
CREATE TABLE cards AS
SELECT n AS id, 'holder ' || n AS holder,
       (ARRAY['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117'])[1 + n % 4] AS pan
FROM generate_series(1, 1000000) AS n`

/** The embedded Postgres with pgbench's tables at this scale and a million cards; gone with `stop`. */
export async function openDatabase(scale: number): Promise<BenchDatabase> {
  const postgres = await startEmbeddedPostgres({ settings: SETTINGS })
  try {
    const password = new Secret(randomBytes(18).toString('base64url'))
    await fill(postgres, password, scale)
    return { port: postgres.port, account: ACCOUNT, password, stop: () => postgres.stop() }
  } catch (thrown) {
    await postgres.stop()
    throw thrown
  }
}

async function fill(postgres: EmbeddedPostgres, password: Secret, scale: number): Promise<void> {
  await asSuperuser(postgres, 'postgres', [
    `CREATE ROLE ${ACCOUNT} LOGIN NOSUPERUSER PASSWORD '${password.reveal()}'`,
    `CREATE DATABASE ${DATABASE}`,
  ])
  const { name, password: secret } = postgres.superuser
  const where = ['-h', '127.0.0.1', '-p', String(postgres.port), '-U', name, DATABASE]
  await output(PGBENCH, ['-i', '-I', 'dtgp', '-q', '-s', String(scale), ...where], { PGPASSWORD: secret.reveal() })
  await asSuperuser(postgres, DATABASE, [
    CARDS,
    `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${ACCOUNT}`,
    'VACUUM (FREEZE, ANALYZE)',
    'CHECKPOINT',
  ])
}

async function asSuperuser(postgres: EmbeddedPostgres, database: string, texts: readonly string[]): Promise<void> {
  const client = await connectAs(postgres, database)
  try {
    for (const text of texts) await client.query(text)
  } finally {
    client.close()
  }
}

const connectAs = (postgres: EmbeddedPostgres, database: string): Promise<SimpleClient> =>
  connectSimple(
    {
      ...{ database, user: postgres.superuser.name, password: postgres.superuser.password, parameters: new Map() },
      ...{ target: { host: '127.0.0.1', port: postgres.port, tls: 'off' }, clock: systemClock, deadlineMs: 10_000 },
    },
    { queryMs: 120_000, bytes: 1 << 20 },
  )
