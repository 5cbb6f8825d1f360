import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import postgres from 'postgres'
import type { Story } from './story.ts'

type Sql = postgres.Sql

/** What an application does with postgres.js, which prepares everything and pipelines. */
export async function postgresJs(env: Readonly<Record<string, string>>): Promise<Story> {
  const notices: string[] = []
  const sql = postgres({
    host: env['PGHOST'] ?? '',
    port: Number(env['PGPORT']),
    username: env['PGUSER'] ?? '',
    password: env['PGPASSWORD'] ?? '',
    database: env['PGDATABASE'] ?? '',
    max: 1,
    onnotice: (notice) => notices.push(notice['message'] ?? ''),
  })
  try {
    return { ...(await reads(sql)), ...(await writes(sql)), ...(await copies(sql)), ...(await held(sql, notices)) }
  } finally {
    await sql.end()
  }
}

async function one(sql: Sql, text: string): Promise<unknown> {
  return (await sql.unsafe(text).values())[0]?.[0]
}

async function refusal(running: PromiseLike<unknown>): Promise<readonly [string, string]> {
  try {
    await running
  } catch (error) {
    if (error instanceof postgres.PostgresError) return [error.code, error.message]
    throw error
  }
  throw new Error('it was not refused')
}

async function reads(sql: Sql): Promise<Story> {
  const ids = [1, 2, 3, 4, 5, 6, 7, 8]
  // All at once: the driver pipelines them over its one connection.
  const rows = await Promise.all(
    ids.map((id) => sql<{ full_name: string }[]>`SELECT full_name FROM customers WHERE id = ${id}`),
  )
  let cursor = 0
  for await (const some of sql`SELECT id FROM payments`.cursor(100)) cursor += some.length
  return {
    simple: await one(sql, 'SELECT 1'),
    prepared: rows.map(([row]) => row?.full_name),
    masked: (await sql`SELECT pan, cvv FROM cards WHERE id = ${1}`.values())[0],
    // The driver reads the catalog's array types once before it sends one.
    array: Number((await sql`SELECT count(*) FROM customers WHERE id = ANY(${ids})`.values())[0]?.[0]),
    cursor,
  }
}

async function writes(sql: Sql): Promise<Story> {
  const insert = (on: postgres.Sql | postgres.TransactionSql, name: string, email: string) =>
    on`INSERT INTO customers ${on({ full_name: name, email, city: 'Oslo', country: 'NO' })}`
  await sql.begin((inside) => insert(inside, 'Ada', 'kept@postgres-js.test'))
  const [error] = await refusal(
    sql.begin(async (inside) => {
      await insert(inside, 'Eve', 'gone@postgres-js.test')
      await inside`SELECT 1/0`
    }),
  )
  const failed = await sql.begin(async (inside) => {
    await refusal(inside.savepoint((deeper) => deeper`SELECT 1/0`))
    return (await inside<{ n: number }[]>`SELECT 1 AS n`)[0]?.n
  })
  const kept = await one(sql, "SELECT count(*)::int FROM customers WHERE email LIKE '%@postgres-js.test'")
  return { transactions: kept, error, 'after-savepoint': failed, after: await one(sql, 'SELECT 2') }
}

async function copies(sql: Sql): Promise<Story> {
  let lines = 0
  for await (const chunk of await sql`COPY payments TO STDOUT`.readable()) lines += String(chunk).split('\n').length - 1
  const into = await sql`COPY customers (full_name, email, city, country) FROM STDIN`.writable()
  await pipeline(Readable.from(['Bo\tcopied@postgres', '-js.test\tOslo\tNO\n']), into)
  const copied = await one(sql, "SELECT count(*)::int FROM customers WHERE email = 'copied@postgres-js.test'")
  const [denied] = await refusal(sql.unsafe('COPY (SELECT pan FROM cards) TO STDOUT'))
  return { 'copy-out': lines, 'copy-in': copied, 'copy-denied': denied }
}

async function held(sql: Sql, notices: readonly string[]): Promise<Story> {
  const { count: approved } = await sql`UPDATE payments SET status = status`
  const told = notices.some((notice) => notice.includes('this statement is held'))
  const denied = await refusal(sql`UPDATE customers SET city = city`)
  return { approved, told, denied, end: await one(sql, 'SELECT 3') }
}
