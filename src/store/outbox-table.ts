import type { LedgerNote } from '../model/ledger.ts'
import { LONGEST_PAUSE, type Delivery, type OutboxStore } from '../model/outbox.ts'
import type { Database } from './database.ts'
import { integer, json, maybeInteger, maybeText, text } from './row.ts'
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
    subject: maybeText(row, 'subject'),
    message: maybeText(row, 'message') ?? 'unknown',
    person: maybeText(row, 'person'),
    deliveredAt: maybeInteger(row, 'delivered_at'),
  }
}

const INSERT = `INSERT INTO outbox (id, channel, body, state, attempts, created_at, next_at, reason, subject, message, person, delivered_at)
  VALUES (:id, :channel, :body, :state, :attempts, :createdAt, :nextAt, :reason, :subject, :message, :person, :deliveredAt)`
const DUE = `SELECT * FROM outbox WHERE state = 'waiting' AND channel = :channel AND (next_at <= :now OR next_at > :now + ${LONGEST_PAUSE})
  ORDER BY next_at, rowid LIMIT :limit`
const NEXT_DUE = `SELECT min(next_at) AS next_at FROM outbox WHERE state = 'waiting' AND channel = :channel`
const UPDATE = `UPDATE outbox SET state = :state, attempts = :attempts, next_at = :nextAt, reason = :reason, delivered_at = :deliveredAt
  WHERE id = :id`
const ABANDON = `UPDATE outbox SET state = 'failed', reason = :reason
  WHERE state = 'waiting' AND channel NOT IN (SELECT value FROM json_each(:channels))`
// Left out is what failed without an attempt.
const SET_OFF = `SELECT channel, message, count(*) AS messages FROM outbox
  WHERE person = :person AND created_at > :since AND (state <> 'failed' OR attempts > 0) GROUP BY channel, message`

export const outboxTable = (database: Database): Synchronous<OutboxStore> => ({
  tidings: ({ limit }) =>
    database
      .all('SELECT sequence, note FROM tidings ORDER BY sequence LIMIT :limit', { limit })
      .map((row) => ({ sequence: integer(row, 'sequence'), note: json<LedgerNote>(row, 'note') })),
  add({ tiding, deliveries }) {
    if (database.run('DELETE FROM tidings WHERE sequence = :tiding', { tiding }) === 0) return false
    for (const delivery of deliveries) database.run(INSERT, { ...delivery })
    return true
  },
  due: (input) => database.all(DUE, { ...input }).map(deliveryFrom),
  nextDue(input) {
    const row = database.get(NEXT_DUE, { ...input })
    return row === undefined || row['next_at'] === null ? undefined : integer(row, 'next_at')
  },
  update({ id, state, attempts, nextAt, reason, deliveredAt }) {
    database.run(UPDATE, { id, state, attempts, nextAt, reason, deliveredAt })
  },
  abandon({ channels, reason }) {
    database.run(ABANDON, { channels: JSON.stringify(channels), reason })
  },
  recent: ({ limit }) =>
    database.all('SELECT * FROM outbox ORDER BY created_at DESC, rowid DESC LIMIT :limit', { limit }).map(deliveryFrom),
  about: (input) =>
    database.all('SELECT * FROM outbox WHERE subject = :subject ORDER BY rowid', input).map(deliveryFrom),
  setOff: (input) =>
    database.all(SET_OFF, input).map((row) => ({
      channel: text(row, 'channel'),
      message: text(row, 'message'),
      count: integer(row, 'messages'),
    })),
})
