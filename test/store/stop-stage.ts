import { createCredentials, type Credential, type Credentials } from '../../src/access/credentials.ts'
import type { Grant } from '../../src/access/grants.ts'
import type { ApprovalId, PersonName, SessionId, TargetName } from '../../src/model/ids.ts'
import { approval } from '../http/world.ts'
import { admin, approvalId, credentialId, seedGrant, sessionId, type Scratch } from './scratch.ts'

export interface Born {
  readonly id: SessionId
  readonly person: PersonName
  readonly target: TargetName
  readonly grant: Grant
  readonly credential: Credential
}

export const credentialsOf = ({ store, clock }: Scratch): Credentials =>
  createCredentials({ store: store.credentials, clock, key: Buffer.alloc(32, 7), newId: credentialId })

/** A session that is live in the index, with a grant and a credential. */
export async function born(scratch: Scratch, of: { person: string; target: TargetName }): Promise<Born> {
  const { store, clock } = scratch
  const grant = await seedGrant(scratch, of.person, of.target)
  const { person, target } = grant
  const made = await credentialsOf(scratch).mint({ person, target, grant, ttlMs: 60_000, service: false }, admin)
  if (made.outcome !== 'minted') throw new Error(made.why)
  const id = sessionId()
  await store.sessions.start({
    entry: {
      ...({ id, person, target, protocol: 'postgres', grant: grant.id, credential: made.credential.id } as const),
      ...{ origin: '127.0.0.1', recording: id, startedAt: clock.now(), endedAt: undefined, endReason: undefined },
    },
  })
  return { id, person, target, grant, credential: made.credential }
}

/** A statement of this session that waits, or that was approved and does not run yet. */
export async function openHold(scratch: Scratch, of: Born, state: 'open' | 'approved' = 'open'): Promise<ApprovalId> {
  const { store, clock } = scratch
  const [id, now] = [approvalId(), clock.now()]
  const held = approval({ id, session: of.id, person: of.person, human: of.person, target: of.target })
  const quotas = { openPerPerson: 9, openPerTarget: 9, perPersonAndHour: 99 }
  const note = { kind: 'x', at: now, by: of.person, origin: 'api', outcome: 'done', resource: 'x', detail: {} }
  await store.approvals.open({ approval: { ...held, createdAt: now, expiresAt: now + 900_000 }, quotas, note })
  if (state === 'open') return id
  const by = held.eligible[0]
  if (by === undefined) throw new Error('nobody may answer')
  const answer = {
    ...{ id, person: by.person, owner: undefined, roles: by.roles, service: false, digest: held.digest },
    ...({ kind: 'approve', reason: undefined, factorFresh: true, origin: 'api' } as const),
  }
  await store.approvals.decide({ answer, now })
  return id
}
