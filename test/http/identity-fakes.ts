import { createCodeOffers } from '../../src/access/code-offer.ts'
import type { Passkey } from '../../src/access/passkey.ts'
import type { Person } from '../../src/access/person.ts'
import type { Proposal, ProposalId } from '../../src/access/proposal.ts'
import type { ApiDeps } from '../../src/http/api.ts'
import { personName } from '../../src/model/ids.ts'
import type { Clock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'

export const PROPOSAL = 'p_abcdefghij01' as ProposalId
export const KEY = 'key-of-alice'
export const REGISTRATION = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: { clientDataJSON: 'e30', attestationObject: 'oA', transports: ['internal'] },
  clientExtensionResults: {},
}
export const ASSERTION = {
  id: KEY,
  rawId: KEY,
  type: 'public-key',
  response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA', userHandle: null },
  clientExtensionResults: {},
}

type Identity = Pick<ApiDeps, 'passkeys' | 'factors' | 'offers' | 'twoPerson' | 'invites' | 'welcome' | 'oidc'>

const passkey = (id: string, person: string): Passkey => ({
  id,
  person: personName(person),
  name: 'laptop',
  publicKey: '',
  counter: 0,
  transports: [],
  createdAt: 0,
  usedAt: undefined,
})

/** The ports of identity as fakes that say yes: alice has two passkeys, everybody has codes, one proposal waits. */
export function identityFakes(clock: Clock): Identity {
  const proposal: Proposal = {
    id: PROPOSAL,
    kind: 'roles',
    person: personName('mallory'),
    roles: ['approver'],
    reason: '',
    proposedBy: 'local:root',
    proposedAt: clock.now(),
    expiresAt: clock.now() + 3_600_000,
    state: 'open',
    settledBy: undefined,
    settledAt: undefined,
  }
  const made = () => Promise.resolve({ token: new Secret('t'.repeat(43)), expiresAt: clock.now() + 3_600_000 })
  const options = { challenge: 'AAAA', rp: { name: 'Countersign' }, user: { id: 'AA', name: 'x', displayName: '' } }
  return {
    passkeys: {
      available: true,
      registrationOptions: () => Promise.resolve({ ...options, pubKeyCredParams: [] }),
      register: ({ person, name }) =>
        Promise.resolve({ outcome: 'registered', passkey: { ...passkey('new', person), name } }),
      loginOptions: () => Promise.resolve({ challenge: 'AAAA' }),
      assertionOptions: () => Promise.resolve({ challenge: 'AAAA' }),
      listOf: (person) => Promise.resolve(person === 'alice' ? [passkey(KEY, 'alice'), passkey('other', 'alice')] : []),
      rename: ({ id, person }) => Promise.resolve(id === KEY && person === 'alice'),
      remove: ({ id, person }) => Promise.resolve(id === KEY && person === 'alice' ? 'removed' : 'not-found'),
    },
    factors: { isEnrolled: () => Promise.resolve(true), enrolTaken: () => Promise.resolve(true) },
    offers: {
      ...createCodeOffers({ key: Buffer.alloc(32), clock }),
      take: ({ ticket }) => (ticket === 'ticket' ? { secret: Buffer.alloc(20), counter: 1 } : undefined),
    },
    twoPerson: {
      propose: () => Promise.resolve({ outcome: 'waits', proposal }),
      atOnce: (roles) => Promise.resolve({ roles, waits: false, alone: undefined }),
      list: () => Promise.resolve([proposal]),
      find: (id) => Promise.resolve(id === PROPOSAL ? proposal : undefined),
      settle: (_, to) => Promise.resolve({ outcome: 'settled', proposal: { ...proposal, state: to } }),
    },
    invites: { invite: made, reenrol: made, look: () => Promise.resolve(undefined) },
    welcome: {
      offer: (_, name) => createCodeOffers({ key: Buffer.alloc(32), clock }).make(name, 'x'),
      passkeyOptions: () => Promise.resolve(undefined),
      accept: () => Promise.resolve({ outcome: 'gone' }),
    },
    oidc: undefined,
  }
}

/** What `Login` does besides passwords: a passkey `key-of-NAME` signs in, and a right code changes the password. */
export function loginFakes(
  people: readonly Person[],
  { clock, spend }: { readonly clock: Clock; readonly spend: (name: string, code: string) => boolean },
): Pick<ApiDeps['login'], 'loginWithPasskey' | 'changePassword' | 'isRecent'> {
  return {
    loginWithPasskey({ response }) {
      const who = people.find((one) => response.id === `key-of-${one.name}`)
      if (who === undefined) return Promise.resolve({ outcome: 'refused' })
      const principal = { person: who.name, roles: who.roles, service: false }
      const token = new Secret(`token-of-${who.name}-0123456789`)
      return Promise.resolve({ outcome: 'done', token, expiresAt: clock.now() + 3_600_000, principal })
    },
    changePassword: ({ person: name, proof }) =>
      Promise.resolve(proof.kind === 'totp' && spend(name, proof.code) ? 'changed' : 'refused'),
    isRecent: () => Promise.resolve(true),
  }
}
