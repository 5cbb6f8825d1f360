import type { TestContext } from 'node:test'
import { createChallenges } from '../../src/access/challenges.ts'
import { createCodeOffers } from '../../src/access/code-offer.ts'
import { createFactors } from '../../src/access/factors.ts'
import { createInvites } from '../../src/access/invites.ts'
import { createLockout } from '../../src/access/lockout.ts'
import { createLogin } from '../../src/access/login.ts'
import { deriveKey, newMasterKey } from '../../src/access/node-key.ts'
import { createPasskeys } from '../../src/access/passkeys.ts'
import { createTokens } from '../../src/access/tokens.ts'
import { createWelcome } from '../../src/access/welcome.ts'
import { personName } from '../../src/model/ids.ts'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { scrub } from '../../src/mask/scrub.ts'
import { Authenticator } from '../support/authenticator.ts'
import type { Algorithm } from '../support/authenticator.ts'
import { admin, scratchStore } from '../store/scratch.ts'

export const ORIGIN = 'https://countersign.example'
export const ADDRESS = '10.0.0.1'
const master = newMasterKey()

/** Everything that lets people in, over a store in memory and a clock that stands still. */
export function entry(context: TestContext) {
  const scratch = scratchStore(context)
  const { store, clock } = scratch
  const challenges = createChallenges({ key: deriveKey(master, 'challenge'), clock })
  const offers = createCodeOffers({ key: deriveKey(master, 'enrolment'), clock })
  const factors = createFactors({ store: store.factors, clock, key: deriveKey(master, 'factor') })
  const passkeys = createPasskeys({
    ...{ store: store.passkeys, clock, challenges, publicUrl: ORIGIN, scrub },
    key: deriveKey(master, 'passkey-user'),
  })
  const tokens = createTokens({ store: store.tokens, clock })
  const lockout = createLockout({ store: store.lockouts, clock, scrub })
  const shared = { people: store.people, factors, passkeys, lockout, clock }
  return {
    ...scratch,
    ...{ factors, passkeys, tokens, lockout, offers, challenges },
    login: createLogin({ ...shared, tokens, journal: store.journal, scrub }),
    invites: createInvites({ store: store.invites, clock }),
    welcome: createWelcome({ ...shared, store: store.invites, offers }),
    /** Everything noted so far, and forgets it. */
    notes: async (): Promise<readonly LedgerNote[]> => {
      const rows = await store.journal.take({ limit: 500 })
      await store.journal.drop({ upTo: rows.at(-1)?.sequence ?? 0 })
      return rows.map(({ note }) => note)
    },
  }
}

export type Entry = ReturnType<typeof entry>

/** A device of a person, registered. */
export async function deviceOf(
  { passkeys }: Pick<Entry, 'passkeys'>,
  name: string,
  how: { algorithm?: Algorithm; counts?: boolean } = {},
): Promise<Authenticator> {
  const person = personName(name)
  const device = new Authenticator(ORIGIN, how)
  const purpose = `register ${name}`
  const response = device.create(await passkeys.registrationOptions(person, purpose))
  const done = await passkeys.register({ person, purpose, response, name: 'key' }, admin)
  if (done.outcome !== 'registered') throw new Error(done.why)
  return device
}
