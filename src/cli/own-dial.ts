import { readFileSync } from 'node:fs'
import { isLoopback } from '../config/address.ts'
import type { Dial } from '../proxy/postgres/dial.ts'
import { systemClock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'

const DIAL_MS = 20_000

/** A login of our own at Countersign's Postgres listener. */
export interface OwnLogin {
  /** A fresh credential, as the API gives it. */
  readonly minted: { readonly dsn: string; readonly login: string; readonly secret: string }
  /** As in the DSN where it is left out. */
  readonly database?: string
  readonly parameters: ReadonlyMap<string, string>
  /** A file with the certificate authority of the listener, where the machine does not know it. */
  readonly ca: string | undefined
}

/** How to get there. The certificate is always verified; without TLS only on this machine. */
export function ownDial({ minted, database, parameters, ca }: OwnLogin): Dial {
  const url = new URL(minted.dsn)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const trust = ca === undefined ? 'verify-full' : { ca: readFileSync(ca, 'utf8') }
  const tls = ca === undefined && isLoopback(host) ? 'off' : trust
  return {
    user: minted.login,
    password: new Secret(minted.secret),
    database: database ?? decodeURIComponent(url.pathname.slice(1)),
    parameters,
    target: { host, port: Number(url.port), tls },
    clock: systemClock,
    deadlineMs: DIAL_MS,
  }
}
