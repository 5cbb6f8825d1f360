import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../../std/clock.ts'
import { NET, profileClient, type Client, type Net } from '../client.ts'
import type { Io, Run } from '../io.ts'
import { run as login } from '../login.ts'
import { createBrowser, type Browser } from './browser.ts'
import { createCodes } from './codes.ts'
import type { DemoPerson } from './people.ts'
import type { Secret } from '../../std/secret.ts'
import type { Stage } from './stage.ts'
import { claim } from './teller.ts'
import type { WebhookReceiver } from './webhook-receiver.ts'
import { WireClient } from './wire-client.ts'

/** Somebody of the cast, with what they have on their desk. */
export interface Actor {
  readonly person: DemoPerson
  /** A fresh one-time code; waits for the clock where it must. */
  readonly code: () => Promise<string>
  /** Signed in to nothing at the beginning. */
  readonly browser: Browser
  /** Runs a command of ours as this person and gives what it printed; throws where it does not exit with `exit`. */
  command(run: Runnable, argv: readonly string[], exit?: number): Promise<string>
  /** The API as this person sees it. The first call logs in with `countersign login` and spends a code. */
  api(): Promise<Client>
}

/** What the scenes play with. */
export interface World {
  readonly stage: Stage
  readonly hook: WebhookReceiver
  /** Another device of bob's: the link of a message is opened there. */
  readonly phone: Browser
  readonly alice: Actor
  readonly bob: Actor
  readonly carol: Actor
  /** Security: revokes and stops. */
  readonly dan: Actor
  /** A second approver, who joined for the script: bob's one-time codes would have to be waited for. */
  readonly dora: Actor
  /** An engineer without access, who joined for the script as well. */
  readonly erik: Actor
  /** Alice's connection, the same one in all scenes. */
  psql(): Promise<WireClient>
  /** Another one. */
  connect(): Promise<WireClient>
  /** From now on alice connects with this password. */
  issue(password: Secret): void
  /** Every connection so far. */
  readonly connections: readonly WireClient[]
  /** Everything that the API answered. */
  readonly bodies: readonly string[]
}

export interface WorldParts {
  readonly stage: Stage
  readonly hook: WebhookReceiver
  /** Told when somebody has to wait for their next code. */
  readonly onWait: (person: string, ms: number) => void
}

export function createWorld({ stage, hook, onWait }: WorldParts): World {
  const connections: WireClient[] = []
  const bodies: string[] = []
  let password = stage.credential
  const connect = async (): Promise<WireClient> => {
    const client = await connectAs(stage, password)
    connections.push(client)
    return client
  }
  const desk = (name: string): Actor => actor({ stage, name, net: keepingBodies(bodies), onWait })
  return {
    stage,
    hook,
    phone: createBrowser(),
    alice: desk('alice'),
    bob: desk('bob'),
    carol: desk('carol'),
    dora: desk('dora'),
    erik: desk('erik'),
    dan: desk('dan'),
    psql: once(connect),
    connect,
    issue: (made) => void (password = made),
    connections,
    bodies,
  }
}

function connectAs({ app, config }: Stage, password: Secret): Promise<WireClient> {
  const [target] = config.targets.values()
  return WireClient.connect({
    ...{ user: 'alice@cards', password, database: target?.database ?? '' },
    ...{ parameters: new Map([['application_name', 'demo']]), clock: systemClock, deadlineMs: 10_000 },
    target: { host: '127.0.0.1', port: app.ports.postgres ?? 0, tls: 'off' },
  })
}

const keepingBodies = (bodies: string[]): Net => ({
  fetch: async (url, init) => {
    const response = await NET.fetch(url, init)
    bodies.push(await response.clone().text())
    return response
  },
})

interface Casting {
  readonly stage: Stage
  readonly name: string
  readonly net: Net
  readonly onWait: WorldParts['onWait']
}

function actor({ stage, name, net, onWait }: Casting): Actor {
  const person = stage.people.find((one) => one.name === name)
  if (person === undefined) throw new Error(`the demo has no ${name}`)
  const code = createCodes(person, (ms) => onWait(name, ms))
  // Logins of the story stay in its own folder and never touch those of whoever runs it.
  const home = path.join(stage.folder, 'home')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const env = { XDG_CONFIG_HOME: home, COUNTERSIGN_PROFILE: name }
  const command = (run: Runnable, argv: readonly string[], exit = 0): Promise<string> =>
    played(run, argv, { env, net, exit })
  return {
    person,
    code,
    browser: createBrowser(),
    command,
    api: once(async () => {
      const secrets = { COUNTERSIGN_PASSWORD: person.password, COUNTERSIGN_CODE: await code() }
      await played(login, [stage.config.publicUrl, '--person', name], { env: { ...env, ...secrets }, net, exit: 0 })
      return profileClient(undefined, ioOf(env, []), net)
    }),
  }
}

function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return () => (made ??= make())
}

/** Every command; those that speak to the API take another `fetch`. */
export type Runnable = (argv: readonly string[], io: Io, net?: Net) => ReturnType<Run>

interface Circumstances {
  readonly env: Io['env']
  readonly net: Net
  readonly exit: number
}

async function played(run: Runnable, argv: readonly string[], { env, net, exit }: Circumstances): Promise<string> {
  const said: string[] = []
  const code = await run(argv, ioOf(env, said), net)
  claim(code === exit, `exit code ${exit}`, `${code}: ${said.join('').trim()}`)
  return said.join('')
}

const ioOf = (env: Io['env'], said: string[]): Io => ({
  out: (text) => void said.push(text),
  err: (text) => void said.push(text),
  isTty: false,
  env,
})
