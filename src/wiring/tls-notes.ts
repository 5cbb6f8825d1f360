import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { LedgerNote } from '../model/ledger.ts'
import type { Ledger } from '../recording/ledger.ts'
import type { Clock } from '../std/clock.ts'

export interface TlsNotesDeps {
  readonly ledger: Pick<Ledger, 'append'>
  readonly clock: Pick<Clock, 'now'>
  readonly onError: (error: unknown) => void
}

/** Which certificate the listeners show from when on is evidence: a change of what people trust (PCI DSS 10.2.1.2). */
export interface TlsNotes {
  /** The files were read again, and are in force. */
  reloaded(files: { readonly cert: string }): void
  /** They cannot be used; the certificate before stays in force. */
  refused(): void
}

export function createTlsNotes({ ledger, clock, onError }: TlsNotesDeps): TlsNotes {
  const write = (outcome: string, detail: LedgerNote['detail']): void => {
    // A signal is sent on the machine, and does not say by whom.
    const note = { kind: 'tls.reloaded', at: clock.now(), by: 'local', origin: 'local', outcome, resource: 'tls' }
    try {
      ledger.append({ ...note, detail })
    } catch (thrown) {
      onError(thrown)
    }
  }
  return {
    reloaded({ cert }) {
      const { fingerprint256, subject, validTo } = new X509Certificate(readFileSync(cert))
      const until = new Date(validTo).toISOString()
      write('done', { fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(), subject, until })
    },
    refused: () => write('refused', {}),
  }
}
