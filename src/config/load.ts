import { readFileSync } from 'node:fs'
import path from 'node:path'
import { personName, targetName, type PersonName, type TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { Target } from '../model/target.ts'
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

/** A target with what only the dialling edge may know. */
export interface TargetConfig extends Target {
  readonly address: Address
  /** Absent where a client certificate stands for it. */
  readonly password: Secret | undefined
  readonly tls: UpstreamTls
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
  readonly listen: { readonly postgres: Address; readonly http: Address }
  readonly tls: { readonly cert: string; readonly key: string } | undefined
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

function targetOf(name: string, target: ConfigFile['targets'][string]): TargetConfig {
  const { protocol, address, database, user, password, tls, tags, longestGrant } = target
  const named = {
    name: targetName(name),
    protocol,
    address,
    database,
    account: user,
    password,
    tls,
    tags,
    longestGrant,
  }
  return { ...named, breakGlass: breakGlassOf(target) }
}

function breakGlassOf({ breakGlass }: ConfigFile['targets'][string]): BreakGlassTerms | undefined {
  if (breakGlass === undefined) return undefined
  const { people, roles, longest } = breakGlass
  return { people: people.map(personName), roles, longestMs: longest }
}
