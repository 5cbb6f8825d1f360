/** What an organisation's provider says of somebody, as far as we read it. */
export interface OidcClaims {
  readonly issuer: string
  readonly subject: string
  /** The claim that names the person: an address or a user name. */
  readonly name: string | undefined
  readonly groups: readonly string[]
  /** By what the provider authenticated the person (RFC 8176), where it says so. */
  readonly methods: readonly string[]
}

/** What asking the provider again needs. Both are secrets: kept sealed, never shown. */
export interface OidcKept {
  readonly access: string
  readonly refresh: string | undefined
}

export interface OidcSignIn {
  readonly claims: OidcClaims
  readonly kept: OidcKept
}

/** What one sign-in remembers between leaving for the provider and coming back. */
export interface OidcFlow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** An OpenID provider behind its network. */
export interface OidcProvider {
  /** Where the browser goes, and what to remember meanwhile. Rejects where the provider cannot be reached. */
  begin(): Promise<{ readonly url: string; readonly flow: OidcFlow }>
  /** Reads what the browser came back with; undefined where it does not fit the flow, or the provider refuses. */
  finish(callback: URL, flow: OidcFlow): Promise<OidcSignIn | undefined>
  /** Asks the provider about the same person again. */
  again(subject: string, kept: OidcKept): Promise<OidcAgain>
}

export type OidcAgain =
  | ({ readonly kind: 'known' } & OidcSignIn)
  /** The provider answered, and the answer is no. */
  | { readonly kind: 'refused' }
  /** There was no answer. */
  | { readonly kind: 'unreachable' }
