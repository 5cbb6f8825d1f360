import type { Socket } from 'node:net'
import { classifyAction } from '../classify/shell/action.ts'
import { redactLine } from '../classify/shell/redact.ts'
import type { Config, SshTargetConfig } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { SessionId } from '../model/ids.ts'
import { principalOf } from '../access/person.ts'
import type { FailedSshEntry } from '../proxy/ssh/connection.ts'
import type { SshLogin } from '../proxy/ssh/dial.ts'
import { enter, type EnterDeps } from '../proxy/ssh/enter.ts'
import { openPrompt } from '../proxy/ssh/prompt.ts'
import { hasNativeCrypto } from '../proxy/ssh/native-crypto.ts'
import { createCertifiedHost, type CertifiedHost } from '../proxy/ssh/host-certificate.ts'
import { certifyForTarget } from '../proxy/ssh/target-certificate.ts'
import { createSshTarget, type SshTarget } from '../proxy/ssh/target.ts'
import type { Registry } from '../session/registry.ts'
import type { Tallies } from '../session/tallies.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import type { Evidence } from './evidence.ts'
import { scrubbed } from './guarding.ts'
import type { Log } from './log.ts'
import type { LivePolicy } from './policy.ts'
import { stoppedText } from './postgres.ts'
import type { SshAccess, SshDoorKeys } from './ssh-access.ts'
import { sshDoor, sshTargets } from './ssh-door.ts'

export interface SshWiring {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly access: Access
  readonly ssh: SshAccess
  readonly store: Store
  readonly evidence: Evidence
  readonly policy: LivePolicy
  readonly registry: Registry
  readonly tallies: Tallies
  readonly guardFor: EnterDeps['guardFor']
  readonly finishApproval: EnterDeps['finishApproval']
  readonly onFailedLogin: (entry: FailedSshEntry) => void
}

/** Time for TCP, key exchange and login at a target together. */
const DIAL_MS = 10_000

/** Everything behind the SSH listener: what serves one of its connections. Undefined where there is no such listener. */
export function openSsh(wiring: SshWiring): ((socket: Socket) => Promise<void>) | undefined {
  const { door } = wiring.ssh
  if (door === undefined) return undefined
  const addon = hasNativeCrypto()
  wiring.log.info(
    { addon },
    addon ? 'ssh: the add-on of ssh2 is in use' : 'ssh: without the add-on of ssh2, more slowly',
  )
  const deps = enterDeps(wiring, door)
  return sshDoor({ ...wiring, enter: (entered) => enter(entered, deps) }, door)
}

function enterDeps(wiring: SshWiring, door: SshDoorKeys): EnterDeps {
  const { access, clock, config, evidence, log, policy, registry, store, tallies } = wiring
  const { guardFor, finishApproval } = wiring
  return {
    targets: new Map(sshTargets(config).map(([name, target]) => [name, targetOf(target, door, clock)])),
    ...{ tallies, registry, clock, guardFor, finishApproval },
    sessions: store.sessions,
    recorder: evidence.recorder,
    scrub: scrubbed,
    idleMs: config.limits.idleTimeout,
    serviceIdleMs: config.limits.serviceIdleTimeout,
    stopped: async (target) => stoppedText(await access.stops.of(target)),
    newSessionId: () => newId('s_', 20) as SessionId,
    policyVersion: () => policy.current().version,
    whoIs: async (name) => {
      const person = await access.people.find(name)
      if (person === undefined || person.disabledAt !== undefined) return undefined
      return { principal: principalOf(person), owner: person.owner }
    },
    prompt: (seat) =>
      openPrompt({ seat, history: store.lineHistory, scrub: rememberable, clock, onFault: logged(log) }),
    recordedOutput: config.limits.recordedOutput,
    onError: (error, fields) => log.error({ ...fields, err: error }, 'a session met an error'),
  }
}

const logged =
  (log: Log) =>
  (error: Error): void =>
    log.error({ err: error }, 'a prompt met an error')

/** A line with a secret in it is not remembered at all: with a hole in it, it would be another command. */
function rememberable(line: string): string | undefined {
  const statement = {
    kind: 'shell',
    text: line,
    directory: undefined,
    environment: NO_VARIABLES,
    terminal: true,
  } as const
  const commands = classifyAction(statement).filter((one) => one.kind === 'command')
  const pieces = redactLine(line, commands, () => '')
  return pieces.every((piece) => typeof piece === 'string') && scrub(line) === line ? line : undefined
}

const NO_VARIABLES: ReadonlyMap<string, string> = new Map()

function targetOf(config: SshTargetConfig, door: SshDoorKeys, clock: Clock): SshTarget {
  const { name, protocol, database, account, tags, shell, forwards, address, trust } = config
  return createSshTarget({
    target: { name, protocol, database, account, tags, shell },
    ...{ shell, forwards, clock },
    dial: {
      ...{ host: address.host, port: address.port, user: account, deadlineMs: DIAL_MS },
      login: loginOf(config, door, clock),
      hostKeys: trust.keys.map(blobOf),
      certifiedHost: certifiedHost(config, clock),
    },
  })
}

function certifiedHost({ address, trust }: SshTargetConfig, clock: Clock): CertifiedHost | undefined {
  if (trust.cas.length === 0) return undefined
  return createCertifiedHost({ ...address, cas: trust.cas.map(blobOf), deadlineMs: DIAL_MS, now: () => clock.now() })
}

const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64')

function loginOf({ name, login, account }: SshTargetConfig, { targets }: SshDoorKeys, clock: Clock): SshLogin {
  if (login.kind !== 'certificate') return login
  const mint = (): ReturnType<typeof certifyForTarget> =>
    certifyForTarget(targets, { account, keyId: `countersign/${name}` }, clock.now())
  return { kind: 'certificate', mint }
}
