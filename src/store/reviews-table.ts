import type { Review } from '../approvals/review.ts'
import { ruleSignature, type ReviewStore } from '../approvals/reviews.ts'
import { personName, targetName } from '../model/ids.ts'
import type { ApprovalId, PersonName, ReviewId, TargetName } from '../model/ids.ts'
import { asTheyStand } from './answering.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, maybeInteger, maybeText, text, type Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const INSERT = `INSERT INTO reviews (id, person, human, target, approval, incident, reason, opened_at)
  VALUES (:id, :person, :human, :target, :approval, :incident, :reason, :openedAt)`

const SIGN = `UPDATE reviews SET signed_by = :by, signed_at = :now, remark = :remark WHERE id = :id AND signed_at IS NULL`

/** Those that may stand in the way of a use, and those that its window is counted from. */
const BEARING = `SELECT * FROM reviews WHERE human = :human
    AND (signed_at IS NULL OR (incident = :incident AND target = :target))`

export const reviewsTable = (database: Database): Synchronous<ReviewStore> => ({
  find: ({ id }) => findReview(database, id),
  list: ({ unsigned, limit }) =>
    database
      .all(
        'SELECT * FROM reviews WHERE signed_at IS NULL OR NOT :unsigned ORDER BY opened_at DESC, rowid DESC LIMIT :limit',
        { unsigned, limit },
      )
      .map(reviewFrom),
  sign({ signature, now, note }) {
    const { id, person: by, remark } = signature
    const why = ruleSignature(findReview(database, id), asTheyStand(database, by, signature))
    if (why !== undefined) return { outcome: 'refused', why }
    if (database.run(SIGN, { id, by, now, remark }) !== 1) return { outcome: 'refused', why: 'signed' }
    writeNote(database, note)
    const review = findReview(database, id)
    if (review === undefined) throw new Error('a review vanished')
    return { outcome: 'signed', review }
  },
})

export function bearingReviews(
  database: Database,
  of: { readonly human: PersonName; readonly incident: string; readonly target: TargetName },
): readonly Review[] {
  return database.all(BEARING, { ...of }).map(reviewFrom)
}

export function insertReview(database: Database, review: Review): void {
  const { id, person, human, target, approval, incident, reason, openedAt } = review
  database.run(INSERT, { id, person, human, target, approval, incident, reason, openedAt })
}

function findReview(database: Database, id: ReviewId): Review | undefined {
  const row = database.get('SELECT * FROM reviews WHERE id = :id', { id })
  return row && reviewFrom(row)
}

function reviewFrom(row: Row): Review {
  const signedBy = maybeText(row, 'signed_by')
  return {
    id: text(row, 'id') as ReviewId,
    person: personName(text(row, 'person')),
    human: personName(text(row, 'human')),
    target: targetName(text(row, 'target')),
    approval: text(row, 'approval') as ApprovalId,
    incident: text(row, 'incident'),
    reason: text(row, 'reason'),
    openedAt: integer(row, 'opened_at'),
    signedBy: signedBy === undefined ? undefined : personName(signedBy),
    signedAt: maybeInteger(row, 'signed_at'),
    remark: maybeText(row, 'remark'),
  }
}
