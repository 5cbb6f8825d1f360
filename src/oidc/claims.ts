import type { OidcClaims } from '../access/oidc-provider.ts'

/** Where the provider says what. */
export interface ClaimNames {
  /** The claim that names a person, e.g. `preferred_username` or `email`. */
  readonly nameClaim: string
  readonly groupsClaim: string
}

export interface Said {
  readonly idToken: Readonly<Record<string, unknown>> | undefined
  readonly userInfo: Readonly<Record<string, unknown>> | undefined
  readonly issuer: URL
}

/** What we read of an ID token and the user info, whose word counts where both speak: it is the newer one. */
export function claimsFrom({ idToken, userInfo, issuer }: Said, { nameClaim, groupsClaim }: ClaimNames): OidcClaims {
  const said = { ...idToken, ...userInfo }
  const name = said[nameClaim]
  // Anybody may enter an address that is not theirs at some providers; only the provider's own check makes it a name.
  const believed = nameClaim !== 'email' || said['email_verified'] !== false
  return {
    issuer: issuer.href,
    subject: typeof said['sub'] === 'string' ? said['sub'] : '',
    name: typeof name === 'string' && believed ? name : undefined,
    groups: texts(said[groupsClaim]),
    methods: texts(said['amr']),
  }
}

/** A list of texts, or one text as providers with a single group send it. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((one: unknown): one is string => typeof one === 'string') : []
}
