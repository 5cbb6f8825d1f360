import { z } from 'zod'
import type { FactorAnswer, PasskeyAssertion } from '../access/factor-answer.ts'
import type { PasskeyRegistration } from '../access/passkey.ts'

const MAX_FIELD = 8192
const Base64Url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')

/** A one-time code, as an authenticator app shows it. */
export const Code = z.string().regex(/^[0-9]{6,8}$/, 'must be a one-time code of 6 to 8 digits')

/** What a browser's `navigator.credentials.get()` answers, in its JSON form. What the browser adds beyond that is not read. */
export const Assertion = z.strictObject({
  id: Base64Url(1400),
  rawId: Base64Url(1400),
  type: z.literal('public-key'),
  response: z.strictObject({
    clientDataJSON: Base64Url(MAX_FIELD),
    authenticatorData: Base64Url(MAX_FIELD),
    signature: Base64Url(MAX_FIELD),
    userHandle: Base64Url(200).or(z.literal('')).nullish(),
  }),
  clientExtensionResults: z.record(z.string(), z.unknown()).optional(),
  authenticatorAttachment: z.string().max(40).nullish(),
})

/** What a browser's `navigator.credentials.create()` answers, in its JSON form. */
export const Registration = z.object({
  id: Base64Url(1400),
  rawId: Base64Url(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Base64Url(MAX_FIELD),
    attestationObject: Base64Url(MAX_FIELD),
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
})

/** Only what is read of it. */
export const registrationOf = ({ id, rawId, type, response }: z.output<typeof Registration>): PasskeyRegistration => ({
  id,
  rawId,
  type,
  response,
})

/** A fresh factor in a body: a string is a one-time code, an object is a passkey's assertion. */
export const Factor = z.union([Code, Assertion], 'must be a one-time code of 6 to 8 digits or a passkey assertion')
export type Factor = z.output<typeof Factor>

export const answerOfFactor = (factor: Factor): FactorAnswer =>
  typeof factor === 'string' ? { kind: 'totp', code: factor } : { kind: 'passkey', response: assertionOf(factor) }

export const assertionOf = ({ id, rawId, type, response }: z.output<typeof Assertion>): PasskeyAssertion => ({
  id,
  rawId,
  type,
  response: { ...response, userHandle: response.userHandle ?? undefined },
})
