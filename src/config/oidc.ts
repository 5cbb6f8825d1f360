import { z } from 'zod'
import { ROLES } from '../model/principal.ts'
import { map, oneOf, wants } from '../std/shape.ts'
import { httpUrl } from './channel.ts'
import { secretRef, type Surroundings } from './secret-ref.ts'

const claim = (standard: string) =>
  z
    .string({ error: wants('the name of a claim') })
    .min(1, { error: 'must not be empty' })
    .default(standard)

/** Sign-in by an organisation's OpenID provider. */
export const oidc = (around: Surroundings) =>
  map({
    /** Its discovery document lies at `/.well-known/openid-configuration` below it. */
    issuer: httpUrl('the address of the provider, e.g. https://login.example.com'),
    clientId: z.string({ error: wants('the id that the provider gave us') }).min(1, { error: 'must not be empty' }),
    clientSecret: secretRef(around),
    /** Roles by group. Who is in none of these groups has no entry. */
    groups: z
      .record(z.string(), z.array(oneOf(ROLES), { error: wants('a list of roles, e.g. [engineer]') }), {
        error: wants('a map from group names to roles, e.g. { platform: [engineer] }'),
      })
      .refine((groups) => Object.keys(groups).length > 0, { error: 'is empty; nobody could sign in' }),
    name: claim('preferred_username'),
    groupsClaim: claim('groups'),
    /** With `offline_access` a sign-in outlives the provider's access token, which is an hour at many. */
    scopes: z.array(z.string(), { error: wants('a list of scopes, e.g. [openid, profile, groups]') }).optional(),
  })
export type OidcConfig = z.output<ReturnType<typeof oidc>>
