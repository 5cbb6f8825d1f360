import { createHash } from 'node:crypto'
import type { IssuedCertificate } from '../../src/access/ssh-certificates.ts'
import type { SshKey } from '../../src/access/ssh-keys.ts'
import type { SshPort } from '../../src/http/ports.ts'
import { personName } from '../../src/model/ids.ts'

export const KEY = 'k_000000000001'
const ALICE: SshKey = {
  ...{ id: KEY, person: personName('alice'), line: 'ssh-ed25519 AAAA', fingerprint: 'SHA256:alice' },
  ...{ name: 'laptop', createdAt: 0, usedAt: undefined },
}

/** Keys in memory. A text is a key if it begins with `ssh-ed25519`; one that ends in `bob` is bob's already. */
export function fakeSsh(): SshPort & { readonly removed: string[]; readonly issued: IssuedCertificate[] } {
  const kept = [ALICE]
  const removed: string[] = []
  const issued: IssuedCertificate[] = []
  return {
    removed,
    issued,
    keys: {
      faultOf: (text) => (text.startsWith('ssh-ed25519') ? undefined : 'this is no key'),
      add({ person, text, name }) {
        if (text.endsWith('bob')) return Promise.resolve({ outcome: 'refused', why: 'taken' })
        const fingerprint = `SHA256:${createHash('sha256').update(text).digest('base64')}`
        const key = { ...ALICE, id: 'k_000000000002', person, line: text, fingerprint, name: name ?? 'key' }
        kept.push(key)
        return Promise.resolve({ outcome: 'added', key })
      },
      listOf: (person) => Promise.resolve(kept.filter((one) => one.person === person)),
      remove(id) {
        removed.push(id)
        return Promise.resolve(true)
      },
    },
    certificates: {
      issue({ person, key, ttlMs }) {
        if (key.endsWith('bob')) return Promise.resolve({ outcome: 'refused', why: 'taken' })
        const certificate = { serial: 7, person, fingerprint: 'SHA256:x', issuedAt: 0, expiresAt: ttlMs }
        issued.push(certificate)
        return Promise.resolve({ outcome: 'issued', certificate, line: 'ssh-ed25519-cert-v01@openssh.com AAAA' })
      },
    },
    door: () => ({ host: '127.0.0.1', port: 6022, keys: ['ssh-ed25519 BBBB'] }),
  }
}
