import { z } from 'zod'
import { PROPOSAL_STATES } from '../access/proposal.ts'
import { isName } from '../model/ids.ts'
import { ROLES } from '../model/principal.ts'
import { Assertion, Code, Factor, Registration } from './factor.ts'

/** RFC 3339 in UTC. */
const Time = z.string()
const Name = z.string().refine(isName, 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
const KeyName = z.string().trim().min(1).max(60)
const Password = z.string().min(1).max(1024)
const Reason = z.string().trim().max(500).default('')
const Roles = z.array(z.enum(ROLES)).max(ROLES.length)

/** What a factor may be asked for: the words that the route spends it on, e.g. `approve a_…`. */
const Purpose = z.string().regex(/^[a-z][a-z0-9 ._-]{2,99}$/, 'must be what the factor is for, e.g. approve a_…')

export const PasskeyLoginBody = z.strictObject({ response: Assertion })
export const PurposeBody = z.strictObject({ purpose: Purpose })
/** `factor` may be left out by somebody who has none yet and has just signed in. */
export const RegisterBody = z.strictObject({ response: Registration, name: KeyName, factor: Factor.optional() })
export const RenameBody = z.strictObject({ name: KeyName })
export const FactorBody = z.strictObject({ factor: Factor })
export const EnrolCodeBody = z.strictObject({ ticket: z.string().max(500), code: Code, factor: Factor.optional() })
export const PasswordBody = z.strictObject({ password: Password, newPassword: Password, factor: Factor })
export const ProposeBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('roles'), person: Name, roles: Roles, reason: Reason, factor: Factor }),
  z.strictObject({ kind: z.literal('reset-factor'), person: Name, reason: Reason, factor: Factor }),
])
export const InviteBody = z.strictObject({ person: Name, roles: Roles, factor: Factor })

/** What `navigator.credentials` is given, in the JSON form of WebAuthn. */
export const Options = z.looseObject({ challenge: z.string() })
const KeyView = z.object({ id: z.string(), name: z.string(), createdAt: Time, usedAt: Time.nullable() })
export const FactorsAnswer = z.object({
  /** Whether one-time codes are set up. */
  totp: z.boolean(),
  passkeys: z.array(KeyView),
  /** Whether passkeys work at the address of this server at all. */
  passkeysAvailable: z.boolean(),
})
export const PasskeyAnswer = KeyView
/** The secret and its URI are shown here and never again. */
export const OfferAnswer = z.object({ secret: z.string(), uri: z.string(), ticket: z.string() })
export const ProposalAnswer = z.object({
  id: z.string(),
  kind: z.enum(['roles', 'reset-factor']),
  person: z.string(),
  roles: Roles,
  reason: z.string(),
  proposedBy: z.string(),
  proposedAt: Time,
  expiresAt: Time,
  state: z.enum(PROPOSAL_STATES),
  settledBy: z.string().nullable(),
  settledAt: Time.nullable(),
  /** Whether the viewer's confirmation would count. */
  mayConfirm: z.boolean(),
  /** After a confirmed reset, once: the link by which the person sets up a new factor. */
  link: z.string().nullable(),
})
export const ProposalsAnswer = z.object({ proposals: z.array(ProposalAnswer) })
/** `proposal` is null where one admin was enough: then it is done, and a reset has its link. */
export const ProposeAnswer = z.object({ proposal: ProposalAnswer.nullable(), link: z.string().nullable() })
/** The link is shown here and never again; roles that wait for a second admin are not among `roles`. */
export const InviteAnswer = z.object({
  link: z.string(),
  expiresAt: Time,
  roles: Roles,
  proposal: ProposalAnswer.nullable(),
})
