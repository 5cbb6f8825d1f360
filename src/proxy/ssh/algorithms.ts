import type { Algorithms, CipherAlgorithm } from 'ssh2'
import type { Proposal } from '../../protocol/ssh/proposal.ts'

/**
 * What the listener offers, best first. Missing on purpose: everything with SHA-1 or CBC; chacha20-poly1305, which is open to prefix truncation with clients
 * that lack the strict key exchange; compression, which opens up bombs before a login; group exchange, which the library names and cannot serve; groups 17 and
 * 18, whose sums hold up everybody else for as long as 60 ms a connection.
 */
export const LISTENER_ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Algorithms

/** One pass over the bytes, where a counter mode needs a second one for its MAC. */
const FAST: readonly CipherAlgorithm[] = LISTENER_ALGORITHMS.cipher.filter((cipher) => cipher.includes('-gcm'))

/**
 * What a client is offered. Its own order decides between two that both have, and OpenSSH's has the fast ones last: a client that has one of them for both directions is offered no
 * other. Undefined: it waits for our proposal.
 */
export function offerTo(proposal: Proposal | undefined): Algorithms {
  if (proposal === undefined) return LISTENER_ALGORITHMS
  const hasFast = [proposal.toServer, proposal.toClient].every((list) => FAST.some((cipher) => list.includes(cipher)))
  return hasFast ? { ...LISTENER_ALGORITHMS, cipher: [...FAST] } : LISTENER_ALGORITHMS
}
