import { ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'

/** Answers that are about us or the moment and not about the person (RFC 6749 5.2 and 4.1.2.1). */
const NOT_ABOUT_THE_PERSON = ['invalid_client', 'unauthorized_client', 'server_error', 'temporarily_unavailable']

/** Whether the provider answered, and said no about this person. Anything else is as if it had not answered. */
export function isRefusal(thrown: unknown): boolean {
  if (thrown instanceof WWWAuthenticateChallengeError) return thrown.status < 500 && thrown.status !== 429
  if (!(thrown instanceof ResponseBodyError)) return false
  return thrown.status < 500 && thrown.status !== 429 && !NOT_ABOUT_THE_PERSON.includes(thrown.error)
}
