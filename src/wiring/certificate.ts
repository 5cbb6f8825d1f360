import type { Config } from '../config/load.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { readServerTls, type ServerTls } from '../tls/server.ts'
import type { Evidence } from './evidence.ts'
import type { Log } from './log.ts'
import { createTlsNotes } from './tls-notes.ts'

export interface CertificateDeps {
  readonly config: Pick<Config, 'tls'>
  readonly clock: Clock
  readonly log: Log
  readonly evidence: Pick<Evidence, 'ledger'>
  readonly broken: (reason: string) => void
}

/** The certificate of the listeners, which is read again when the operator says so. */
export interface ListenerCertificate {
  /** Undefined where none is configured. */
  readonly current: () => ServerTls | undefined
  /** Reads the files again; `renew` lets the other listeners follow. Files that cannot be used leave the certificate before in force. */
  reload(renew: () => void): void
}

/** @throws where the files cannot be read, or do not belong together */
export function openCertificate({
  config: { tls },
  clock,
  log,
  evidence,
  broken,
}: CertificateDeps): ListenerCertificate {
  const onError = (thrown: unknown): void => broken(asError(thrown).message)
  const notes = createTlsNotes({ ledger: evidence.ledger, clock, onError })
  let current = tls === undefined ? undefined : readServerTls(tls)
  return {
    current: () => current,
    reload(renew) {
      if (tls === undefined) return
      try {
        current = readServerTls(tls)
        renew()
        notes.reloaded(tls)
      } catch (thrown) {
        notes.refused()
        log.error({ err: asError(thrown) }, 'the certificate cannot be used; the old one stays in force')
      }
    },
  }
}
