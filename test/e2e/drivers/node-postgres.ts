import { Client, DatabaseError } from 'pg'
import type { Story } from './story.ts'

const INSERT = "INSERT INTO customers (full_name, email, city, country) VALUES ($1, $2, 'Oslo', 'NO')"

/** What an application does with node-postgres. */
export async function nodePostgres(env: Readonly<Record<string, string>>): Promise<Story> {
  const db = new Client({
    host: env['PGHOST'] ?? '',
    port: Number(env['PGPORT']),
    user: env['PGUSER'] ?? '',
    password: env['PGPASSWORD'] ?? '',
    database: env['PGDATABASE'] ?? '',
  })
  const notices: string[] = []
  db.on('notice', (notice) => notices.push(notice.message ?? ''))
  await db.connect()
  try {
    return { ...(await reads(db)), ...(await writes(db)), ...(await held(db, notices)) }
  } finally {
    await db.end()
  }
}

async function one(db: Client, text: string, values: readonly unknown[] = []): Promise<unknown> {
  const { rows } = await db.query<unknown[]>({ text, values: [...values], rowMode: 'array' })
  return rows[0]?.[0]
}

async function refusal(db: Client, text: string): Promise<readonly [string, string]> {
  try {
    await db.query(text)
  } catch (error) {
    if (error instanceof DatabaseError) return [error.code ?? '', error.message]
    throw error
  }
  throw new Error(`${text} was not refused`)
}

async function reads(db: Client): Promise<Story> {
  const prepared: unknown[] = []
  for (let id = 1; id <= 8; id += 1) {
    const named = { name: 'by-id', text: 'SELECT full_name FROM customers WHERE id = $1', values: [id] }
    prepared.push((await db.query<{ full_name: string }>(named)).rows[0]?.full_name)
  }
  const card = 'SELECT pan, cvv FROM cards WHERE id = $1'
  // node-postgres parses text only, so binary cells arrive as it found them: text is its own bytes.
  const binary = { text: card, values: [1], rowMode: 'array' as const, binary: true }
  return {
    simple: await one(db, 'SELECT 1'),
    prepared,
    masked: (await db.query<unknown[]>({ text: card, values: [1], rowMode: 'array' })).rows[0],
    'masked-binary': (await db.query<unknown[]>(binary)).rows[0]?.map(String),
    // In portions of a hundred rows, by Execute.
    cursor: (await db.query({ text: 'SELECT id FROM payments', rows: 100 } as { text: string })).rows.length,
  }
}

async function writes(db: Client): Promise<Story> {
  await db.query('BEGIN')
  await db.query(INSERT, ['Ada', 'kept@pg.test'])
  await db.query('COMMIT')
  await db.query('BEGIN')
  await db.query(INSERT, ['Eve', 'gone@pg.test'])
  await db.query('ROLLBACK')
  const transactions = Number(await one(db, 'SELECT count(*) FROM customers WHERE email LIKE $1', ['%@pg.test']))
  const [error] = await refusal(db, 'SELECT 1/0')
  await db.query('BEGIN')
  await refusal(db, 'SELECT 1/0')
  const [failed] = await refusal(db, 'SELECT 1')
  await db.query('ROLLBACK')
  return { transactions, error, failed, after: await one(db, 'SELECT 2') }
}

async function held(db: Client, notices: readonly string[]): Promise<Story> {
  const { rowCount: approved } = await db.query('UPDATE payments SET status = status')
  const told = notices.some((notice) => notice.includes('this statement is held'))
  const denied = await refusal(db, 'UPDATE customers SET city = city')
  return { approved, told, denied, end: await one(db, 'SELECT 3') }
}
