import { proposerName, settleRefusal } from '../access/proposal.ts'
import type { Proposal, ProposalId, ProposalKind, ProposalState } from '../access/proposal.ts'
import type { ProposalStore } from '../access/two-person.ts'
import { personName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { Database } from './database.ts'
import { removeFactors } from './factors-table.ts'
import { writeNote } from './journal-table.ts'
import { personFrom } from './people-table.ts'
import { integer, json, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const proposalFrom = (row: Row): Proposal => ({
  id: text(row, 'id') as ProposalId,
  kind: text(row, 'kind') as ProposalKind,
  person: personName(text(row, 'person')),
  roles: json<readonly Role[]>(row, 'roles'),
  reason: text(row, 'reason'),
  proposedBy: text(row, 'proposed_by'),
  proposedAt: integer(row, 'proposed_at'),
  expiresAt: integer(row, 'expires_at'),
  state: text(row, 'state') as ProposalState,
  settledBy: maybeText(row, 'settled_by'),
  settledAt: maybeInteger(row, 'settled_at'),
})

const INSERT = `INSERT INTO proposals (id, kind, person, roles, reason, proposed_by, proposed_at, expires_at, state)
  VALUES (:id, :kind, :person, :roles, :reason, :proposedBy, :proposedAt, :expiresAt, 'open')`

const REPLACED = `UPDATE proposals SET state = 'rejected', settled_by = :proposedBy, settled_at = :proposedAt
  WHERE state = 'open' AND kind = :kind AND person = :person AND proposed_by = :proposedBy`

export const proposalsTable = (database: Database): Synchronous<ProposalStore> => ({
  add({ proposal, note }) {
    const { id, kind, person, reason, proposedBy, proposedAt, expiresAt } = proposal
    database.run(REPLACED, { kind, person, proposedBy, proposedAt })
    const roles = JSON.stringify(proposal.roles)
    database.run(INSERT, { id, kind, person, roles, reason, proposedBy, proposedAt, expiresAt })
    writeNote(database, note)
  },
  list: ({ limit }) =>
    database
      .all('SELECT * FROM proposals ORDER BY proposed_at DESC, rowid DESC LIMIT :limit', { limit })
      .map(proposalFrom),
  find: ({ id }) => find(database, id),
  settle({ id, to, by, at, notes }) {
    const proposal = find(database, id)
    if (proposal === undefined) return 'not-found'
    const [settler, proposer, subject] = [by, proposerName(proposal), proposal.person].map((name) => {
      const row = database.get('SELECT * FROM people WHERE name = :name', { name })
      return row && personFrom(row)
    })
    const refusal = settleRefusal(proposal, to, { by: settler, proposer, subject, now: at })
    if (refusal !== undefined) return refusal
    database.run('UPDATE proposals SET state = :to, settled_by = :by, settled_at = :at WHERE id = :id', {
      id,
      to,
      by,
      at,
    })
    if (to === 'confirmed') apply(database, proposal)
    for (const note of notes) writeNote(database, note)
    return 'settled'
  },
})

function find(database: Database, id: ProposalId): Proposal | undefined {
  const row = database.get('SELECT * FROM proposals WHERE id = :id', { id })
  return row && proposalFrom(row)
}

function apply(database: Database, { kind, person, roles }: Proposal): void {
  if (kind === 'reset-factor') removeFactors(database, person)
  else database.run('UPDATE people SET roles = :roles WHERE name = :person', { person, roles: JSON.stringify(roles) })
}
