import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startApp, type App } from '../../app.ts'
import { loadConfig, type Config } from '../../config/load.ts'
import { systemClock } from '../../std/clock.ts'
import { connectSimple, type SimpleClient } from '../../proxy/postgres/simple-client.ts'
import { createLog } from '../../wiring/log.ts'
import { VERSION } from '../version.ts'
import { openCardShop } from './card-shop.ts'
import { freePort, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts'
import { castDemo, mintFor, type DemoPerson } from './people.ts'
import { Secret } from '../../std/secret.ts'
import { startWebHost, type NoWebHost, type WebHost } from './web-host.ts'

/** The demo's host: a real SSH server with files, and alice's password for it. */
export interface WebStage extends WebHost {
  readonly credential: Secret
}

/** Everything the demo needs, running: a real Postgres full of test cards and a real host, Countersign before them, and its people. */
export interface Stage {
  readonly app: App
  readonly config: Config
  readonly folder: string
  readonly configFile: string
  readonly peopleFile: string
  readonly people: readonly DemoPerson[]
  /** Alice's password for psql; where she asks for access first, one that opens nothing. */
  readonly credential: Secret
  readonly postgres: EmbeddedPostgres
  /** Or why there is none. */
  readonly web: WebStage | NoWebHost
  readonly fatal: Promise<string>
  stop(): Promise<void>
}

export interface StageOptions {
  /** An empty or new folder: configuration, data and people of this run. */
  readonly folder: string
  /** Loopback ports; 0 for any free one. */
  readonly ports: { readonly postgres: number; readonly ssh?: number; readonly http: number }
  /** Alice has no access to the shop yet: the story begins with her asking for it. */
  readonly asks?: boolean
  /** A host to reach by ssh as well, where this machine has a server for it. */
  readonly web?: boolean
  /** Where holds are told of; undefined for nowhere. */
  readonly webhook?: { readonly url: string; readonly secret: string } | undefined
  /** PEM files for the listeners; undefined for none, as loopback needs none. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Further keys of the target, each on a line of its own. */
  readonly targetKeys?: readonly string[] | undefined
  /** The address by which others reach this machine: the listeners are open to the network then, and links are https. Needs `tls`. */
  readonly address?: string | undefined
}

const WEB = 'web-1'

/** The packs of a checkout and of a published package lie at the same place. */
const POLICIES = fileURLToPath(new URL('../../../policies', import.meta.url))

export async function setStage(options: StageOptions): Promise<Stage> {
  const { folder, ports, webhook, tls, targetKeys = [], address } = options
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const postgres = await startEmbeddedPostgres()
  let web: WebHost | NoWebHost = { missing: 'none was asked for' }
  try {
    if (options.web === true) web = await startWebHost(path.join(folder, 'web-1'))
    const shop = await openCardShop((database) => superuser(postgres, database))
    const configFile = path.join(folder, 'countersign.yaml')
    const http = ports.http === 0 ? await freePort() : ports.http
    writeConfig({
      folder,
      configFile,
      ports: { ...ports, http },
      postgres,
      web,
      shop,
      webhook,
      tls,
      targetKeys,
      address,
    })
    const config = loadConfig(configFile, process.env)
    const { promise: fatal, resolve: onFatal } = Promise.withResolvers<string>()
    const log = createLog({ level: 'info', file: path.join(folder, 'countersign.log') })
    const app = await startApp({ config, clock: systemClock, log, version: VERSION, onFatal })
    const cast = await castOn(app, folder, { web, asks: options.asks === true })
    const stop = async (): Promise<void> => {
      await app.stop()
      await stopHosts(postgres, web)
    }
    return { app, config, folder, configFile, ...cast, postgres, fatal, stop }
  } catch (thrown) {
    await stopHosts(postgres, web)
    throw thrown
  }
}

async function stopHosts(postgres: EmbeddedPostgres, web: WebHost | NoWebHost): Promise<void> {
  if ('stop' in web) await web.stop()
  await postgres.stop()
}

async function castOn(
  app: App,
  folder: string,
  { web, asks }: { readonly web: WebHost | NoWebHost; readonly asks: boolean },
): Promise<Pick<Stage, 'peopleFile' | 'people' | 'credential' | 'web'>> {
  const { access } = app
  const peopleFile = path.join(folder, 'people.json')
  try {
    const people = await castDemo(access, peopleFile, [...(asks ? [] : ['cards']), ...('stop' in web ? [WEB] : [])])
    const credential = asks ? new Secret('nothing yet') : await mintFor(access, 'alice', 'cards')
    const host = 'stop' in web ? { ...web, credential: await mintFor(access, 'alice', WEB) } : web
    return { peopleFile, people, credential, web: host }
  } catch (thrown) {
    await app.stop()
    throw thrown
  }
}

function superuser(postgres: EmbeddedPostgres, database: string): Promise<SimpleClient> {
  return connectSimple({
    ...{ database, user: postgres.superuser.name, password: postgres.superuser.password, parameters: new Map() },
    ...{ target: { host: '127.0.0.1', port: postgres.port, tls: 'off' }, clock: systemClock, deadlineMs: 10_000 },
  })
}

interface ConfigWords {
  readonly folder: string
  readonly configFile: string
  readonly ports: StageOptions['ports']
  readonly postgres: EmbeddedPostgres
  readonly web: WebHost | NoWebHost
  readonly shop: { readonly database: string; readonly account: string; readonly password: Secret }
  readonly webhook: StageOptions['webhook']
  readonly tls: StageOptions['tls']
  readonly targetKeys: readonly string[]
  readonly address: StageOptions['address']
}

/** An ordinary configuration file, so that every command works on the demo as on anything else. */
function writeConfig(words: ConfigWords): void {
  const { folder, configFile, ports, postgres, web, shop, webhook, tls, targetKeys, address } = words
  const secret = (name: string, value: string): void => writeFileSync(path.join(folder, name), value, { mode: 0o600 })
  secret('upstream.password', shop.password.reveal())
  if (webhook !== undefined) secret('webhook.secret', webhook.secret)
  const [host, origin] = address === undefined ? ['127.0.0.1', 'http://localhost'] : ['0.0.0.0', `https://${address}`]
  const text = `publicUrl: ${origin}:${ports.http}
listen: { postgres: ${host}:${ports.postgres}, ${'stop' in web ? `ssh: ${host}:${ports.ssh ?? 0}, ` : ''}http: ${host}:${ports.http} }
${tls === undefined ? '' : `tls: { cert: "${tls.cert}", key: "${tls.key}" }\n`}data: ./data
policies: ./policies
targets:
  cards:
    protocol: postgres
    address: 127.0.0.1:${postgres.port}
    database: ${shop.database}
    user: ${shop.account}
    password: { file: ./upstream.password }
    tls: off
    tags: [cde]
${targetKeys.map((line) => `    ${line}\n`).join('')}${'stop' in web ? webTarget(web) : ''}${webhook === undefined ? '' : `notify:\n  - { name: oncall, kind: webhook, url: "${webhook.url}", secret: { file: ./webhook.secret } }\n`}`
  writeFileSync(configFile, text)
  const packs = path.join(folder, 'policies')
  cpSync(POLICIES, packs, { recursive: true })
  writeFileSync(path.join(packs, 'demo.yaml'), DEMO_PACK)
}

const webTarget = ({ port, user, hostKey }: WebHost): string => `  ${WEB}:
    protocol: ssh
    address: 127.0.0.1:${port}
    user: ${user}
    key: { file: ./web-1/node.key }
    hostKey: "${hostKey}"
    tags: [cde]
`

/** A table whose holds nobody waits for, so that the demo can show how one expires. */
const DEMO_PACK = `name: demo
description: Refunds wait three seconds for a second person, no longer.

given:
  tags: [cde]
  tables:
    public.refunds: { columns: { id: integer, payment_id: integer, amount: numeric } }

rules:
  - id: short-hold
    description: Changing refunds, held for three seconds to show how a hold expires.
    severity: medium
    effect: hold
    message: changes of refunds wait three seconds for a second person
    match: { effect: write, writes: public.refunds }
    approvals: { from: [approver], need: 1, within: 3s }
    examples:
      catches: [UPDATE refunds SET amount = 1 WHERE id = 1]
      spares: [SELECT * FROM refunds]
`
