import { createOidc, type Oidc } from '../access/oidc.ts'
import type { Config } from '../config/load.ts'
import type { PersonName } from '../model/ids.ts'
import { createOidcProvider } from '../oidc/provider.ts'
import type { Clock } from '../std/clock.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'

/** The path that the provider sends people back to; below `publicUrl`, and registered at the provider. */
export const OIDC_CALLBACK = '/login/oidc/callback'

/** The organisation's sign-in, or undefined where the configuration names no provider. */
export function openOidc(deps: {
  readonly config: Pick<Config, 'oidc' | 'publicUrl'>
  readonly store: Store
  readonly clock: Clock
  readonly access: Pick<Access, 'tokens' | 'lockout' | 'key'>
  readonly onEnded: (person: PersonName) => void
}): Oidc | undefined {
  const { config, store, clock, access, onEnded } = deps
  if (config.oidc === undefined) return undefined
  const { issuer, clientId, clientSecret, groups, name, groupsClaim, scopes } = config.oidc
  const provider = createOidcProvider({
    ...{ issuer, clientId, clientSecret, scopes, groupsClaim, nameClaim: name },
    redirectUri: `${config.publicUrl}${OIDC_CALLBACK}`,
  })
  return createOidc({
    ...{ store: store.identities, provider, tokens: access.tokens, lockout: access.lockout, clock, onEnded },
    key: access.key('oidc'),
    groups: new Map(Object.entries(groups)),
    journal: store.journal,
  })
}
