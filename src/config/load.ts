import { readFileSync } from 'node:fs'
import path from 'node:path'
import { targetName, type TargetName } from '../model/ids.ts'
import type { Target } from '../model/target.ts'
import { CodedError } from '../std/errors.ts'
import { printProblem, sortProblems, type Problem } from '../std/problem.ts'
import type { Secret } from '../std/secret.ts'
import { readShape } from '../std/shape.ts'
import { readYaml } from '../std/yaml-source.ts'
import type { Address } from './address.ts'
import { floorProblems } from './floors.ts'
import type { Limits } from './limits.ts'
import { configFile, type ConfigFile, type UpstreamTls } from './schema.ts'
import type { Surroundings } from './secret-ref.ts'

/** A target with what only the dialling edge may know. */
export interface TargetConfig extends Target {
  readonly address: Address
  /** Absent where a client certificate stands for it. */
  readonly password: Secret | undefined
  readonly tls: UpstreamTls
}

export interface WebhookConfig {
  readonly name: string
  readonly kind: 'webhook'
  readonly url: string
  readonly secret: Secret
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
  readonly notify: readonly WebhookConfig[]
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
  const { publicUrl, targets, notify, ...rest } = value
  return {
    ...rest,
    file: path.resolve(file),
    publicUrl: publicUrl.origin,
    tls: value.tls,
    targets: new Map(Object.entries(targets).map(([name, target]) => [targetName(name), targetOf(name, target)])),
    notify: notify.map((channel) => ({ ...channel, url: channel.url.href })),
  }
}

function targetOf(name: string, target: ConfigFile['targets'][string]): TargetConfig {
  const { protocol, address, database, user, password, tls, tags } = target
  return { name: targetName(name), protocol, address, database, account: user, password, tls, tags }
}
