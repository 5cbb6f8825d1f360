import * as client from 'openid-client'
import type { Configuration, UserInfoResponse } from 'openid-client'
import type { OidcAgain, OidcFlow, OidcKept, OidcProvider, OidcSignIn } from '../access/oidc-provider.ts'
import { CodedError } from '../std/errors.ts'
import type { Secret } from '../std/secret.ts'
import { claimsFrom } from './claims.ts'
import type { ClaimNames } from './claims.ts'
import { isRefusal } from './refusal.ts'

export interface OidcOptions extends ClaimNames {
  /** https, or http on loopback. */
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: Secret
  /** Where the provider sends the browser back to; registered there. */
  readonly redirectUri: string
  /** Undefined asks for the usual ones that the provider offers. */
  readonly scopes: readonly string[] | undefined
}

const TIMEOUT_SECONDS = 10
const USUAL_SCOPES = ['openid', 'profile', 'email', 'groups']

/** An OpenID provider (Core 1.0) by its discovery document, with the authorization code flow, PKCE, state and nonce. Asks nothing before the first sign-in. */
export function createOidcProvider(options: OidcOptions): OidcProvider {
  const discovered = discovering(options)
  return {
    async begin() {
      const config = await discovered()
      const verifier = client.randomPKCECodeVerifier()
      const flow = { state: client.randomState(), nonce: client.randomNonce(), verifier }
      const scopes = scopesOf(config, options)
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: options.redirectUri,
        scope: scopes.join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: flow.state,
        nonce: flow.nonce,
        // Core 1.0, 11: tokens that outlive the visit need the person's word.
        ...(scopes.includes('offline_access') && { prompt: 'consent' }),
      })
      return { url: url.href, flow }
    },
    async finish(callback, flow) {
      try {
        return await redeem(await discovered(), { callback, flow, options })
      } catch {
        // A code that does not fit, a person who declined, a provider that broke: nobody enters, and whoever knocks learns no more.
        return undefined
      }
    },
    async again(subject, kept) {
      try {
        return await ask(await discovered(), { subject, kept, options })
      } catch (thrown) {
        return { kind: isRefusal(thrown) ? 'refused' : 'unreachable' }
      }
    },
  }
}

/** Discovery once, again after a failure. */
function discovering({ issuer, clientId, clientSecret }: OidcOptions): () => Promise<Configuration> {
  let found: Promise<Configuration> | undefined
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its way of saying "careful": the configuration allows http on loopback alone
  const plain = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : []
  return () => {
    found ??= client
      .discovery(issuer, clientId, clientSecret.reveal(), undefined, { execute: plain, timeout: TIMEOUT_SECONDS })
      .catch((cause: unknown) => {
        found = undefined
        throw new CodedError('E_OIDC', { clientMessage: 'the sign-in provider cannot be reached', cause })
      })
    return found
  }
}

function scopesOf(config: Configuration, { scopes }: OidcOptions): readonly string[] {
  if (scopes !== undefined) return [...new Set(['openid', ...scopes])]
  const offered = config.serverMetadata().scopes_supported ?? ['openid', 'profile', 'email']
  return USUAL_SCOPES.filter((scope) => scope === 'openid' || offered.includes(scope))
}

async function redeem(
  config: Configuration,
  { callback, flow, options }: { readonly callback: URL; readonly flow: OidcFlow; readonly options: OidcOptions },
): Promise<OidcSignIn | undefined> {
  // The address as the provider was given it, whatever stands between the browser and us.
  const current = new URL(options.redirectUri)
  current.search = callback.search
  const tokens = await client.authorizationCodeGrant(config, current, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true,
  })
  const idToken = tokens.claims()
  if (idToken === undefined) return undefined
  const kept = { access: tokens.access_token, refresh: tokens.refresh_token }
  if (config.serverMetadata().userinfo_endpoint === undefined && kept.refresh === undefined) return undefined
  const userInfo = await userInfoOf(config, { access: kept.access, subject: idToken.sub })
  return { claims: claimsFrom({ idToken, userInfo, issuer: options.issuer }, options), kept }
}

interface Asked {
  readonly subject: string
  readonly kept: OidcKept
  readonly options: OidcOptions
}

/** With the refresh token where there is one; otherwise the access token has to do, as long as it lives. */
async function ask(config: Configuration, { subject, kept, options }: Asked): Promise<OidcAgain> {
  const fresh = kept.refresh === undefined ? undefined : await client.refreshTokenGrant(config, kept.refresh)
  const idToken = fresh?.claims()
  if (idToken !== undefined && idToken.sub !== subject) return { kind: 'refused' }
  const next = { access: fresh?.access_token ?? kept.access, refresh: fresh?.refresh_token ?? kept.refresh }
  const userInfo = await userInfoOf(config, { access: next.access, subject })
  if (idToken === undefined && userInfo === undefined) return { kind: 'refused' }
  const claims = claimsFrom({ idToken, userInfo, issuer: options.issuer }, options)
  return { kind: 'known', claims: { ...claims, subject }, kept: next }
}

async function userInfoOf(
  config: Configuration,
  { access, subject }: { readonly access: string; readonly subject: string },
): Promise<UserInfoResponse | undefined> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return undefined
  return client.fetchUserInfo(config, access, subject)
}
