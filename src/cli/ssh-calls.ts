import type { z } from 'zod'
import { Done } from '../http/schemas.ts'
import { SshCertificateAnswer, SshHostKeyAnswer, SshKeysAnswer, SshKeyView } from '../http/ssh-keys.ts'
import type { Call } from './client.ts'

/** SSH keys and certificates at the API. */
export interface SshCalls {
  keys(): Promise<z.infer<typeof SshKeysAnswer>['keys']>
  add(body: {
    readonly key: string
    readonly name?: string
    readonly factor: string
  }): Promise<z.infer<typeof SshKeyView>>
  remove(id: string, factor: string): Promise<z.infer<typeof Done>>
  /** Without a factor only within minutes of the login. */
  certificate(body: { readonly key: string; readonly factor?: string }): Promise<z.infer<typeof SshCertificateAnswer>>
  hostKey(): Promise<z.infer<typeof SshHostKeyAnswer>>
}

export const sshCalls = (call: Call): SshCalls => ({
  keys: async () => (await call({ method: 'GET', path: 'keys', answer: SshKeysAnswer })).keys,
  add: (body) => call({ method: 'POST', path: 'keys', body, answer: SshKeyView }),
  remove: (id, factor) =>
    call({ method: 'POST', path: `keys/${encodeURIComponent(id)}/remove`, body: { factor }, answer: Done }),
  certificate: (body) => call({ method: 'POST', path: 'ssh-certificate', body, answer: SshCertificateAnswer }),
  hostKey: () => call({ method: 'GET', path: 'ssh-host-key', answer: SshHostKeyAnswer }),
})
