import { Link } from './link.ts'
import type { Stores } from './tables.ts'

/** The embedded store of one installation: what must survive kill -9. Every call rejects once it is lost. */
export interface Store extends Stores {
  /** Calls back, at most twice a second, after another process has changed the store; the returned function ends it. */
  changes(listener: () => void): () => void
  /** False once anything went wrong or it was closed: nothing risky may run then. */
  healthy(): boolean
  /** Waits for everything that was asked for before. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** The database file, in a folder that exists with mode 0700; made on first use with mode 0600. */
  readonly path: string
  /** Once, when the store is lost: refuse and close everything. */
  readonly onFailure: (error: Error) => void
}

/** Opens the file, brings its schema up to date and starts the thread that owns it. Rejects with a CodedError `E_STORE`. */
export async function openStore({ path, onFailure }: StoreOptions): Promise<Store> {
  const listeners = new Set<() => void>()
  let opened = false
  const link = new Link(path, {
    onChange: () => listeners.forEach((listener) => listener()),
    onFailure: (error) => {
      if (opened) onFailure(error)
    },
  })
  await link.ready()
  opened = true
  return {
    ...storesOver(link),
    changes(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    healthy: () => link.healthy,
    close: () => link.close(),
  }
}

const storesOver = (link: Link): Stores => ({
  people: remote(link, 'people'),
  factors: remote(link, 'factors'),
  passkeys: remote(link, 'passkeys'),
  invites: remote(link, 'invites'),
  proposals: remote(link, 'proposals'),
  identities: remote(link, 'identities'),
  credentials: remote(link, 'credentials'),
  grants: remote(link, 'grants'),
  lockouts: remote(link, 'lockouts'),
  tokens: remote(link, 'tokens'),
  requests: remote(link, 'requests'),
  approvals: remote(link, 'approvals'),
  scripts: remote(link, 'scripts'),
  reviews: remote(link, 'reviews'),
  sessions: remote(link, 'sessions'),
  outbox: remote(link, 'outbox'),
  journal: remote(link, 'journal'),
  settings: remote(link, 'settings'),
  evidence: remote(link, 'evidence'),
  standings: remote(link, 'standings'),
  sshKeys: remote(link, 'sshKeys'),
  sshCertificates: remote(link, 'sshCertificates'),
  stops: remote(link, 'stops'),
  lineHistory: remote(link, 'lineHistory'),
})

/**
 * The methods of one table, each a message to the worker. Types do not cross a thread, so they are asserted here, once: `Tables` makes the
 * compiler hold the other end to the same interface.
 */
function remote<Name extends keyof Stores>(link: Link, table: Name): Stores[Name] {
  const methods = new Proxy(Object.freeze({}), {
    // Only own names are answered: `then` would make the table look like a promise.
    get: (_, method) =>
      typeof method === 'string' && method !== 'then'
        ? (input: unknown) => link.call({ table, method, input })
        : undefined,
  })
  return methods as Stores[Name]
}
