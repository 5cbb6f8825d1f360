import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createBrowserLogins, type BrowserLogins } from '../access/browser-login.ts'
import { createCredentials, type Credentials } from '../access/credentials.ts'
import { createFactors, type Factors } from '../access/factors.ts'
import { createGrants, type Grants } from '../access/grants.ts'
import { createLockout, type Lockout } from '../access/lockout.ts'
import { createLogin, type Login } from '../access/login.ts'
import { deriveKey, newMasterKey, type KeyPurpose } from '../access/node-key.ts'
import { createPeople, type People } from '../access/people.ts'
import { createStops, type Stops } from '../access/stops.ts'
import { createTokens, type Tokens } from '../access/tokens.ts'
import { scrub } from '../mask/scrub.ts'
import type { CredentialId, GrantId } from '../model/ids.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import { openIdentities, type Identities, type Site } from './identity.ts'

/** People and what lets them in. */
export interface Access extends Identities {
  readonly people: People
  readonly factors: Factors
  readonly grants: Grants
  readonly credentials: Credentials
  readonly lockout: Lockout
  readonly login: Login
  readonly tokens: Tokens
  readonly browserLogins: BrowserLogins
  readonly stops: Stops
  readonly key: (purpose: KeyPurpose) => Buffer
}

export function openAccess({
  store,
  data,
  clock,
  site,
}: {
  readonly store: Store
  readonly data: string
  readonly site: Site
  readonly clock: Clock
}): Access {
  const master = masterKey(data)
  const key = (purpose: KeyPurpose): Buffer => deriveKey(master, purpose)
  const factors = createFactors({ store: store.factors, clock, key: key('factor') })
  const lockout = createLockout({ store: store.lockouts, clock, scrub })
  const tokens = createTokens({ store: store.tokens, clock })
  const identities = openIdentities({ store, clock, site, key, factors, lockout })
  const { passkeys } = identities
  return {
    ...identities,
    tokens,
    browserLogins: createBrowserLogins({ tokens, journal: store.journal, clock, scrub }),
    people: createPeople({ store: store.people, clock }),
    factors,
    lockout,
    stops: createStops({ store: store.stops, clock, scrub }),
    grants: createGrants({ store: store.grants, clock, scrub, newId: () => newId('g_', 12) as GrantId }),
    credentials: createCredentials({
      store: store.credentials,
      clock,
      key: key('scram-salt'),
      newId: () => newId('c_', 12) as CredentialId,
    }),
    login: createLogin({
      people: store.people,
      factors,
      passkeys,
      tokens,
      lockout,
      journal: store.journal,
      clock,
      scrub,
    }),
    key,
  }
}

/** The node's master key, made on first start. Whoever has it can forge approvals' digests: mode 0600, in a folder of mode 0700. */
function masterKey(data: string): Buffer {
  const folder = path.join(data, 'keys')
  const file = path.join(folder, 'node.key')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(file)) writeFileSync(file, newMasterKey().toString('base64'), { mode: 0o600, flag: 'wx' })
  return Buffer.from(readFileSync(file, 'utf8'), 'base64')
}
