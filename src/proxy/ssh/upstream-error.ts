import { CodedError, type CodedErrorOptions } from '../../std/errors.ts'

/** Why a target could not be reached over SSH, or refused a request of ours. */
export type SshUpstreamCode = keyof typeof SENTENCES

/** What a client may be told; nothing in it comes from the target. */
const SENTENCES = {
  E_UPSTREAM_UNREACHABLE: 'the target cannot be reached',
  E_UPSTREAM_TIMEOUT: 'the target did not answer in time',
  E_UPSTREAM_ABORTED: 'the connection to the target was given up',
  E_UPSTREAM_HOST_KEY:
    'the target does not show the host key that it is known by, so nothing was sent to it; tell whoever runs this proxy',
  E_UPSTREAM_AUTH: 'the target refused our credentials',
  E_UPSTREAM_PROTOCOL: 'the target does not speak the protocol as it must',
  E_UPSTREAM_CHANNEL: 'the target did not open a channel for this',
} as const

/** An error about a target. `fields` hold names of algorithms and fingerprints, never a text of the target. */
export class SshUpstreamError extends CodedError {
  declare readonly code: SshUpstreamCode

  constructor(code: SshUpstreamCode, options: Omit<CodedErrorOptions, 'clientMessage'> = {}) {
    super(code, { ...options, clientMessage: SENTENCES[code] })
    this.name = 'SshUpstreamError'
  }
}
