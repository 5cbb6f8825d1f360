import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openCardShop } from '../../src/cli/demo/card-shop.ts'
import { SHOP_ACCOUNT, SHOP_DATABASE } from '../../src/cli/demo/card-shop-schema.ts'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import { createLastActs } from '../../src/cli/demo/last-acts.ts'
import { CLUSTER, clearLeftovers, temporaryPrefix } from '../../src/cli/demo/leftovers.ts'
import { embeddedBinaries, serverAccount, type PostgresBinaries } from '../../src/cli/demo/postgres-binaries.ts'
import { createCluster, SUPERUSER } from '../../src/cli/demo/postgres-cluster.ts'
import { launch } from '../../src/cli/demo/postmaster.ts'
import type { Dial } from '../../src/proxy/postgres/dial.ts'
import { connectSimple, type SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import type { UpstreamTls } from '../../src/proxy/postgres/upstream-tls.ts'
import { systemClock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'
import { testCertificates, type Certificate } from './certificates.ts'

/** The embedded server, and Debian's where it is installed. */
export type ServerVersion = 18 | 15

const DEBIAN_15 = '/usr/lib/postgresql/15/bin'

/** The versions that this machine can start. In CI a missing one is a failure, not a shorter test. */
export const serverVersions: readonly ServerVersion[] = existsSync(`${DEBIAN_15}/postgres`) ? [18, 15] : [18]
if (process.env['CI'] === 'true' && serverVersions.length < 2)
  throw new Error('Postgres 15 is missing: run scripts/setup.sh test')

/** The same in every test server; only loopback reaches it. */
export const TEST_PASSWORD = new Secret('a-password-for-tests')

/** Accounts of every test server, all with TEST_PASSWORD. The last four may connect to the shop's database and read nothing. */
export const ACCOUNTS = {
  /** The shop's own: rows only, SCRAM. */
  app: SHOP_ACCOUNT,
  superuser: SUPERUSER,
  md5: 'md5user',
  cleartext: 'plainuser',
  /** TLS with the client certificate of `testCertificates`. */
  certificate: 'certuser',
  trust: 'trustuser',
} as const

export interface TestServer {
  readonly version: ServerVersion
  readonly host: '127.0.0.1'
  readonly port: number
  readonly database: string
  readonly logPath: string
  readonly dataFolder: string
  /** A request for `dialUpstream` as `app` to the shop, without TLS; change what the test is about. */
  dial(change?: Partial<Dial>): Dial
  /** A client of our own, as a superuser unless told otherwise. */
  connect(change?: Partial<Dial>): Promise<SimpleClient>
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly version?: ServerVersion
  /** The server's certificate; without one it offers no TLS. */
  readonly tls?: Certificate
  /** Further `name=value` settings. */
  readonly settings?: readonly string[]
}

/** pg_hba.conf: the first line that fits decides. */
const HBA = `
host    all  ${ACCOUNTS.md5}         127.0.0.1/32 md5
host    all  ${ACCOUNTS.cleartext}   127.0.0.1/32 password
hostssl all  ${ACCOUNTS.certificate} 127.0.0.1/32 cert
host    all  ${ACCOUNTS.trust}       127.0.0.1/32 trust
host    all  all                     127.0.0.1/32 scram-sha-256
`

/**
 * Starts a real server on a free loopback port with the card shop in it, in about 0.3 s: it runs on a copy of a cluster that the first start makes.
 * Stops with `stop()`, with the process, or at the next start after the process was killed.
 */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const version = options.version ?? 18
  await clearLeftovers([process.getuid?.() ?? -1])
  const home = await mkdtemp(temporaryPrefix())
  await chmod(home, 0o711)
  const lastActs = createLastActs()
  lastActs.add(() => rmSync(home, { recursive: true, force: true }))
  const place = { binaries: await binariesOf(version, home), home, cluster: path.join(home, CLUSTER), lastActs }
  execFileSync('cp', ['-a', await templateOf(version), place.cluster])
  const port = await freePort()
  const logPath = path.join(home, 'postgres.log')
  const settings = [...FAST, ...tlsSettings(place.cluster, options.tls), ...(options.settings ?? [])]
  const postmaster = await launch({ ...place, port, settings, logPath })
  const stop = async (): Promise<void> => {
    await postmaster.stop()
    await rm(home, { recursive: true, force: true })
    lastActs.withdraw()
  }
  return { ...reach(port), version, logPath, dataFolder: place.cluster, stop }
}

const FAST = [
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'max_connections=60',
  'shared_buffers=32MB',
]

function reach(port: number): Pick<TestServer, 'host' | 'port' | 'database' | 'dial' | 'connect'> {
  const tls: UpstreamTls = 'off'
  const dial = (change: Partial<Dial> = {}): Dial => ({
    target: { host: '127.0.0.1', port, tls },
    user: ACCOUNTS.app,
    password: TEST_PASSWORD,
    database: SHOP_DATABASE,
    parameters: new Map(),
    clock: systemClock,
    deadlineMs: 10_000,
    ...change,
  })
  const connect = (change: Partial<Dial> = {}): Promise<SimpleClient> =>
    connectSimple(dial({ user: SUPERUSER, ...change }))
  return { host: '127.0.0.1', port, database: SHOP_DATABASE, dial, connect }
}

const binariesOf = (version: ServerVersion, scratch: string): Promise<PostgresBinaries> =>
  version === 18 ? embeddedBinaries(scratch) : Promise.resolve({ folder: DEBIAN_15, account: serverAccount() })

/** Postgres takes a key only from a file that nobody else may read. */
function tlsSettings(cluster: string, tls: Certificate | undefined): readonly string[] {
  if (tls === undefined) return []
  const files = { 'server.crt': tls.cert, 'server.key': tls.key, 'root.crt': testCertificates().ca }
  for (const [name, text] of Object.entries(files)) writeOwned(path.join(cluster, name), text)
  return ['ssl=on', 'ssl_cert_file=server.crt', 'ssl_key_file=server.key', 'ssl_ca_file=root.crt']
}

function writeOwned(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 })
  const account = serverAccount()
  if (account !== undefined) chownSync(file, account.uid, account.gid)
}

/** A stopped cluster with the shop and all accounts, made once a machine for each version and each state of the files that make it. */
async function templateOf(version: ServerVersion): Promise<string> {
  const made = ['card-shop.ts', 'card-shop-schema.ts', 'card-shop-rows.ts', 'postgres-cluster.ts']
    .map((name) => readFileSync(new URL(`../../src/cli/demo/${name}`, import.meta.url), 'utf8'))
    .concat(readFileSync(new URL(import.meta.url), 'utf8'), binaryVersion(version))
  const key = createHash('sha256').update(made.join('\0')).digest('hex').slice(0, 12)
  const template = path.join(os.tmpdir(), `countersign-test-cluster-${version}-${process.getuid?.() ?? 0}-${key}`)
  if (!existsSync(template)) await makeTemplate(version, template)
  return template
}

const binaryVersion = (version: ServerVersion): string =>
  version === 15 ? execFileSync(`${DEBIAN_15}/postgres`, ['--version'], { encoding: 'utf8' }) : 'embedded'

async function makeTemplate(version: ServerVersion, template: string): Promise<void> {
  const home = await mkdtemp(temporaryPrefix())
  chmodSync(home, 0o711)
  const lastActs = createLastActs()
  lastActs.add(() => rmSync(home, { recursive: true, force: true }))
  const place = { binaries: await binariesOf(version, home), home, cluster: path.join(home, CLUSTER), lastActs }
  await createCluster(place, TEST_PASSWORD)
  const port = await freePort()
  const postmaster = await launch({ ...place, port, settings: FAST, logPath: path.join(home, 'postgres.log') })
  await fill(reach(port))
  await postmaster.stop()
  writeOwned(path.join(place.cluster, 'pg_hba.conf'), HBA)
  // Another test file may have been quicker; a folder that is not empty is not replaced.
  await rename(place.cluster, template).catch(() => undefined)
  await rm(home, { recursive: true, force: true })
  lastActs.withdraw()
}

async function fill({ connect }: Pick<TestServer, 'connect'>): Promise<void> {
  await openCardShop((database) => connect({ database }))
  const client = await connect()
  const password = TEST_PASSWORD.reveal()
  await client.query(`ALTER ROLE ${ACCOUNTS.app} PASSWORD '${password}'`)
  const others = [ACCOUNTS.md5, ACCOUNTS.cleartext, ACCOUNTS.certificate, ACCOUNTS.trust]
  for (const name of others) {
    const encryption = name === ACCOUNTS.md5 ? 'md5' : 'scram-sha-256'
    await client.query(`SET password_encryption = '${encryption}'; CREATE ROLE ${name} LOGIN PASSWORD '${password}'`)
  }
  await client.query(`GRANT CONNECT ON DATABASE ${SHOP_DATABASE} TO ${others.join(', ')}`)
  client.close()
  await client.closed
}
