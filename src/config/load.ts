import { readFileSync } from 'node:fs'
import path from 'node:path'
import { personName, targetName, type PersonName, type TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { ShellMode, Target } from '../model/target.ts'
import { CodedError } from '../std/errors.ts'
import { printProblem, sortProblems, type Problem } from '../std/problem.ts'
import type { Secret } from '../std/secret.ts'
import { readShape } from '../std/shape.ts'
import { readYaml } from '../std/yaml-source.ts'
import type { Address } from './address.ts'
import type { ChannelConfig } from './channel.ts'
import { floorProblems } from './floors.ts'
import type { Limits } from './limits.ts'
import type { OidcConfig } from './oidc.ts'
import { configFile, type ConfigFile, type UpstreamTls } from './schema.ts'
import type { Surroundings } from './secret-ref.ts'
import type { UserCa } from './ssh-target.ts'

/** A target with what only the dialling edge may know. */
export type TargetConfig = PostgresTargetConfig | SshTargetConfig

export interface PostgresTargetConfig extends DialledTarget {
  readonly protocol: 'postgres'
  /** Absent where a client certificate stands for it. */
  readonly password: Secret | undefined
  readonly tls: UpstreamTls
}

export interface SshTargetConfig extends DialledTarget {
  readonly protocol: 'ssh'
  readonly login: SshTargetLogin
  /** How the target proves that it is itself; never by being there first. */
  readonly trust: SshHostTrust
  readonly shell: ShellMode
  /** Which kinds of forwarding rules may let through; the other one is refused before any rule. */
  readonly forwards: { readonly local: boolean; readonly remote: boolean }
}

/** How the node logs in as the target's own account. `certificate`: one of its own, made for each session. */
export type SshTargetLogin =
  | { readonly kind: 'password'; readonly password: Secret }
  | { readonly kind: 'key'; readonly key: Secret }
  | { readonly kind: 'certificate' }

/** Both as `type base64`. Pinned keys count where there are any; where there are none, a key with a certificate of a CA for the host of `address`. */
export interface SshHostTrust {
  readonly keys: readonly string[]
  readonly cas: readonly string[]
}

interface DialledTarget extends Target {
  readonly address: Address
  /** The longest that a grant by request may last for this target, in milliseconds; undefined leaves it to the access rules. */
  readonly longestGrant?: number | undefined
  /** Who may clear their own holds in an emergency; undefined: nobody. */
  readonly breakGlass?: BreakGlassTerms | undefined
}

export interface BreakGlassTerms {
  readonly people: readonly PersonName[]
  readonly roles: readonly Role[]
  /** For so long after the first use in one incident, in milliseconds. */
  readonly longestMs: number
}

/** `countersign.yaml`, understood. Every path is absolute. */
export interface Config {
  readonly file: string
  /** Origin of links, without a slash at its end. */
  readonly publicUrl: string
  /** Without `ssh` nobody comes in by SSH; then no target speaks it. */
  /** A protocol that no target speaks needs no listener. */
  readonly listen: {
    readonly postgres?: Address | undefined
    readonly ssh?: Address | undefined
    readonly http: Address
  }
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** What the SSH listener shows (undefined: a key of its own, made on first start) and whose certificates it takes. */
  readonly ssh: { readonly hostKey?: string | undefined; readonly userCa: readonly UserCa[] }
  readonly data: string
  readonly policies: string
  readonly targets: ReadonlyMap<TargetName, TargetConfig>
  readonly notify: readonly ChannelConfig[]
  /** Hosts, in lower case, that this node may connect to of its own accord besides targets and channels, and whether they may be private. */
  readonly egress: { readonly hosts: readonly string[]; readonly allowPrivate: boolean }
  /** The organisation's sign-in. */
  readonly oidc?: OidcConfig | undefined
  readonly limits: Limits
}

/** The configuration cannot be used; `problems` says everything that is wrong with it, `message` one problem a line. */
export class ConfigError extends CodedError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super('E_CONFIG', {
      clientMessage: 'the configuration is not usable',
      message: problems.map(printProblem).join('\n'),
    })
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Reads the file and the secrets that it names. Relative paths start from the file's folder. Throws `ConfigError` with all problems at once. */
export function loadConfig(file: string, env: Surroundings['env']): Config {
  const source = readYaml(file, readText(file))
  const { value, problems } = readShape(configFile({ env, folder: path.dirname(path.resolve(file)) }), source)
  const all = sortProblems([...problems, ...floorProblems(source)])
  if (value === undefined || all.length > 0) throw new ConfigError(all)
  return configOf(file, value)
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch {
    const message = 'cannot be read as a UTF-8 text file; write a countersign.yaml or name another with --config'
    throw new ConfigError([{ file, line: 1, column: 1, message }])
  }
}

function configOf(file: string, value: ConfigFile): Config {
  const { publicUrl, targets, ...rest } = value
  return {
    ...rest,
    file: path.resolve(file),
    publicUrl: publicUrl.origin,
    tls: value.tls,
    targets: new Map(Object.entries(targets).map(([name, target]) => [targetName(name), targetOf(name, target)])),
  }
}

type Written = ConfigFile['targets'][string]

function targetOf(name: string, target: Written): TargetConfig {
  const { address, user, tags, longestGrant } = target
  const shared = {
    name: targetName(name),
    address,
    account: user,
    tags,
    longestGrant,
    breakGlass: breakGlassOf(target),
  }
  if (target.protocol === 'ssh') return { ...shared, database: '', ...sshOf(target) }
  const { protocol, database, password, tls } = target
  return { ...shared, protocol, database, password, tls }
}

function sshOf(target: Extract<Written, { protocol: 'ssh' }>): Omit<SshTargetConfig, keyof DialledTarget> & {
  readonly protocol: 'ssh'
  readonly shell: ShellMode
} {
  const { protocol, hostKey, hostCa, shell, forwards } = target
  return { protocol, shell, forwards, login: loginOf(target), trust: { keys: hostKey ?? [], cas: hostCa ?? [] } }
}

/** The floors let exactly one of the three through. */
function loginOf({ password, key }: Extract<Written, { protocol: 'ssh' }>): SshTargetLogin {
  if (password !== undefined) return { kind: 'password', password }
  return key === undefined ? { kind: 'certificate' } : { kind: 'key', key }
}

function breakGlassOf({ breakGlass }: Written): BreakGlassTerms | undefined {
  if (breakGlass === undefined) return undefined
  const { people, roles, longest } = breakGlass
  return { people: people.map(personName), roles, longestMs: longest }
}
