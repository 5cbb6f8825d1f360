/** What a browser's `navigator.credentials.get()` gave, in the JSON form of WebAuthn Level 3; every binary field is base64url. */
export interface PasskeyAssertion {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string | undefined
  }
}

/** How a person who is signed in shows a fresh factor: a one-time code, or a passkey's signature over a challenge made for that purpose. */
export type FactorAnswer =
  { readonly kind: 'totp'; readonly code: string } | { readonly kind: 'passkey'; readonly response: PasskeyAssertion }
