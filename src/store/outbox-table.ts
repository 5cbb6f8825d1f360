import type { Delivery, OutboxStore } from '../model/outbox.ts'
import type { Database } from './database.ts'
import { integer, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const STATES: readonly string[] = ['waiting', 'delivered', 'failed'] satisfies readonly Delivery['state'][]

const isState = (state: string): state is Delivery['state'] => STATES.includes(state)

function deliveryFrom(row: Row): Delivery {
  const state = text(row, 'state')
  return {
    id: text(row, 'id'),
    channel: text(row, 'channel'),
    body: text(row, 'body'),
    state: isState(state) ? state : 'failed',
    attempts: integer(row, 'attempts'),
    createdAt: integer(row, 'created_at'),
    nextAt: integer(row, 'next_at'),
    reason: maybeText(row, 'reason'),
  }
}

const INSERT = `INSERT INTO outbox (id, channel, body, state, attempts, created_at, next_at, reason)
  VALUES (:id, :channel, :body, :state, :attempts, :createdAt, :nextAt, :reason)`
const DUE = `SELECT * FROM outbox WHERE state = 'waiting' AND next_at <= :now ORDER BY next_at, rowid LIMIT :limit`
const UPDATE = `UPDATE outbox SET state = :state, attempts = :attempts, next_at = :nextAt, reason = :reason WHERE id = :id`

export const outboxTable = (database: Database): Synchronous<OutboxStore> => ({
  add({ deliveries }) {
    for (const delivery of deliveries) database.run(INSERT, { ...delivery })
  },
  due: (input) => database.all(DUE, { ...input }).map(deliveryFrom),
  nextDue() {
    const row = database.get(`SELECT min(next_at) AS next_at FROM outbox WHERE state = 'waiting'`, {})
    return row === undefined || row['next_at'] === null ? undefined : integer(row, 'next_at')
  },
  update({ id, state, attempts, nextAt, reason }) {
    database.run(UPDATE, { id, state, attempts, nextAt, reason })
  },
  recent: ({ limit }) =>
    database.all('SELECT * FROM outbox ORDER BY created_at DESC, rowid DESC LIMIT :limit', { limit }).map(deliveryFrom),
})
