import { createChallenges } from '../access/challenges.ts'
import { createCodeOffers, type CodeOffers } from '../access/code-offer.ts'
import type { Factors } from '../access/factors.ts'
import { disableInactive } from '../access/inactivity.ts'
import { createInvites, type Invites } from '../access/invites.ts'
import type { Lockout } from '../access/lockout.ts'
import type { KeyPurpose } from '../access/node-key.ts'
import { createPasskeys, type Passkeys } from '../access/passkeys.ts'
import type { ProposalId } from '../access/proposal.ts'
import { createTwoPerson, type TwoPerson } from '../access/two-person.ts'
import { createWelcome, type Welcome } from '../access/welcome.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { PersonName } from '../model/ids.ts'
import { isCde } from '../model/target.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'

/** How people get in, beyond their password: what they have, who lets them in, and who closes accounts that nobody uses. */
export interface Identities {
  readonly offers: CodeOffers
  readonly passkeys: Passkeys
  readonly invites: Invites
  readonly welcome: Welcome
  readonly twoPerson: TwoPerson
  /** Disables accounts without a login for ninety days; to be called every day. */
  readonly disableInactive: () => Promise<readonly PersonName[]>
}

/** What identity has to know of the configuration: where the pages are, and whether card data is at stake. */
export interface Site {
  readonly publicUrl: string
  readonly cde: boolean
}

export const siteOf = ({ publicUrl, targets }: Pick<Config, 'publicUrl' | 'targets'>): Site => ({
  publicUrl,
  cde: [...targets.values()].some(isCde),
})

export function openIdentities(deps: {
  readonly store: Store
  readonly clock: Clock
  readonly site: Site
  readonly key: (purpose: KeyPurpose) => Buffer
  readonly factors: Factors
  readonly lockout: Lockout
}): Identities {
  const { store, clock, site, key, factors, lockout } = deps
  const challenges = createChallenges({ key: key('challenge'), clock })
  const offers = createCodeOffers({ key: key('enrolment'), clock })
  const { publicUrl, cde } = site
  const passkeys = createPasskeys({
    ...{ store: store.passkeys, clock, challenges, publicUrl, scrub },
    key: key('passkey-user'),
  })
  return {
    offers,
    passkeys,
    invites: createInvites({ store: store.invites, clock }),
    welcome: createWelcome({ store: store.invites, people: store.people, factors, offers, passkeys, lockout, clock }),
    twoPerson: createTwoPerson({
      ...{ store: store.proposals, people: store.people, factors: store.factors, cde, clock, scrub },
      newId: () => newId('p_', 12) as ProposalId,
    }),
    disableInactive: () => disableInactive({ store: store.people, clock }),
  }
}
