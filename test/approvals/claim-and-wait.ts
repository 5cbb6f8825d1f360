import { createApprovals } from '../../src/approvals/approvals.ts'
import type { HoldRequest } from '../../src/approvals/hold.ts'
import { personName } from '../../src/model/ids.ts'
import { openStore } from '../../src/store/open-store.ts'
import { systemClock } from '../../src/std/clock.ts'
import { approvalId, cards, credentialId, grantsOf, seedPeople, sessionId } from '../store/scratch.ts'
import { FakeClock } from '../store/fake-clock.ts'
import { answer, digest, terms } from './hall.ts'

/** Started by the crash test: leaves one statement executing, one approved and one open, prints their ids and waits to be killed. */
const [path = ''] = process.argv.slice(2)
const store = await openStore({ path, onFailure: () => process.exit(3) })
const scratch = { store, clock: new FakeClock(systemClock.now()), path, failures: [] }
await seedPeople(scratch, { alice: ['engineer'], bob: ['approver'] })
const [alice, bob] = [personName('alice'), personName('bob')]
const made = await grantsOf(scratch).grant(
  { person: alice, target: cards, forMs: 60_000, reason: '' },
  { by: 'x', origin: 'y' },
)
if (made.outcome !== 'granted') process.exit(4)

const session = sessionId()
const entry = {
  id: session,
  person: alice,
  target: cards,
  protocol: 'postgres' as const,
  grant: made.grant.id,
  credential: credentialId(),
}
const rest = {
  origin: '::1',
  recording: session,
  startedAt: systemClock.now(),
  endedAt: undefined,
  endReason: undefined,
}
await store.sessions.start({ entry: { ...entry, ...rest } })

const nothing = (): void => undefined
const approvals = createApprovals<string>({
  ...{ store: store.approvals, clock: systemClock, newId: approvalId, journal: nothing, notify: nothing },
  scrub: (text) => text,
})
const request: HoldRequest<string> = {
  ...{ session, person: alice, target: cards, digest, matches: [], holds: [terms()], redacted: [], policyVersion: 'p' },
  ...{
    needsFactor: false,
    eligible: [{ person: bob, roles: ['approver'] }],
    display: '',
    displayBytes: 0,
    origin: '::1',
  },
  alive: () => true,
}

const ids: string[] = []
for (const step of ['claim', 'approve', 'open']) {
  const hold = await approvals.open(request)
  if (hold.outcome !== 'held') process.exit(5)
  if (step !== 'open') await approvals.decide(answer(hold.id, 'bob'))
  if (step === 'claim' && !(await approvals.claim(hold.id, 'node-1'))) process.exit(6)
  ids.push(hold.id)
}
process.stdout.write(`${ids.join(' ')}\n`)
setInterval(nothing, 1000)
