import { isName } from '../model/ids.ts'
import { CDE } from '../model/target.ts'
import { parseDuration } from '../std/duration.ts'
import type { Problem } from '../std/problem.ts'
import { place } from '../std/shape.ts'
import type { Path, YamlSource } from '../std/yaml-source.ts'
import { isLoopback, parseAddress } from './address.ts'

/**
 * What one key demands of another: no plaintext hop outside this machine, and what a card-data environment needs. Works on what was written
 * rather than on what was understood, so that it is reported beside every other mistake; what has the wrong form is left to the schema.
 */
export function floorProblems(source: YamlSource): readonly Problem[] {
  const found = [
    ...listeners(source.value),
    ...publicUrl(source.value),
    ...provider(source.value),
    ...targetNames(source.value),
    ...targets(source.value),
    ...unreached(source.value),
    ...channels(source.value),
    ...cardData(source.value),
  ]
  return found.map(({ path, message, ofKey }) =>
    ofKey === true
      ? source.keyProblem(path, `${place(path)}${message}`)
      : source.problem(path, `${place(path)}${message}`),
  )
}

/** The form of a name of a person, a target or a channel. */
export const NAME_FORM = 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen'

interface Found {
  readonly path: Path
  readonly message: string
  /** The key itself is wrong, not its value. */
  readonly ofKey?: boolean
}

function listeners(config: unknown): Found[] {
  // SSH brings its own encryption.
  const open = entries(at(config, 'listen')).filter(([name, address]) => name !== 'ssh' && !local(address))
  if (at(config, 'tls') !== undefined) return []
  return open.map(([name]) => ({
    path: ['listen', name],
    message: 'would be open to the network in plaintext; add tls: { cert, key } or listen on 127.0.0.1',
  }))
}

function publicUrl(config: unknown): Found[] {
  const url = at(config, 'publicUrl')
  // The API speaks TLS where links say so: http links would mean plaintext on a listener that the network reaches.
  if (isHttp(url) && !plaintextUrl(url) && !local(at(config, 'listen', 'http')))
    return [{ path: ['publicUrl'], message: 'must be https, because listen.http is open to the network' }]
  return plaintextUrl(url)
    ? [{ path: ['publicUrl'], message: 'would send people to a plaintext page outside this machine; write https://' }]
    : []
}

function provider(config: unknown): Found[] {
  return plaintextUrl(at(config, 'oidc', 'issuer'))
    ? [{ path: ['oidc', 'issuer'], message: 'is a plaintext hop outside this machine; write https://' }]
    : []
}

function targets(config: unknown): Found[] {
  return entries(at(config, 'targets')).flatMap(([name, target]) =>
    targetFaults(target).map(({ path, message }) => ({ path: ['targets', name, ...path], message })),
  )
}

/** The names of targets are logins and folders. */
function targetNames(config: unknown): Found[] {
  const wrong = entries(at(config, 'targets')).filter(([name]) => !isName(name))
  return wrong.map(([name]) => ({ path: ['targets', name], message: NAME_FORM, ofKey: true }))
}

const USUAL: Readonly<Record<string, string>> = { postgres: '127.0.0.1:6432', ssh: '127.0.0.1:6022' }

/** Targets that nobody could reach, one of each protocol. */
function unreached(config: unknown): Found[] {
  if (!isMap(at(config, 'listen'))) return []
  return Object.entries(USUAL).flatMap(([protocol, usual]) => {
    const [name] = entries(at(config, 'targets')).find(([, target]) => at(target, 'protocol') === protocol) ?? []
    if (name === undefined || at(config, 'listen', protocol) !== undefined) return []
    const message = `has no ${protocol}, which target ${name} speaks; write ${protocol}: host:port, e.g. ${usual}`
    return [{ path: ['listen'], message }]
  })
}

function targetFaults(target: unknown): Found[] {
  return at(target, 'protocol') === 'ssh' ? sshFaults(target) : postgresFaults(target)
}

const SSH_LOGINS = ['password', 'key', 'certificate']

function sshFaults(target: unknown): Found[] {
  const logins = SSH_LOGINS.filter((key) => at(target, key) !== undefined)
  const faults: Found[] = []
  const [, second] = logins
  if (logins.length === 0)
    faults.push({
      path: [],
      message:
        "lacks a way to log in; write key: { file: PATH }, password: { env: NAME }, or certificate: true for one of the node's own CA",
    })
  if (second !== undefined)
    faults.push({ path: [second], message: `is a second way to log in beside ${logins[0]}; keep one` })
  if (at(target, 'hostKey') === undefined && at(target, 'hostCa') === undefined)
    faults.push({
      path: [],
      message:
        'lacks hostKey or hostCa: a key that merely answers first is nobody; ssh-keyscan HOST shows it, compare it there',
    })
  if (tags(target).includes(CDE) && at(target, 'shell') === 'open')
    faults.push({ path: ['shell'], message: `must be commands or deny, because the target is tagged ${CDE}` })
  return faults
}

function postgresFaults(target: unknown): Found[] {
  const [tls, address] = [at(target, 'tls'), at(target, 'address')]
  const [cert, key] = [at(tls, 'cert'), at(tls, 'key')]
  const faults: Found[] = []
  if (tls === 'off' && !local(address))
    faults.push({
      path: ['tls'],
      message: 'off would be a plaintext hop outside this machine; write verify-full or { ca: PATH }',
    })
  if ((cert === undefined) !== (key === undefined))
    faults.push({ path: ['tls'], message: 'a client certificate needs both cert and key' })
  if (at(target, 'protocol') === 'postgres' && at(target, 'password') === undefined && cert === undefined)
    faults.push({
      path: ['password'],
      message: 'is missing; write { env: NAME } or { file: PATH }, or give tls a client certificate',
    })
  return faults
}

function channels(config: unknown): Found[] {
  const notify = at(config, 'notify')
  const seen = new Set<unknown>()
  return (Array.isArray(notify) ? notify : []).flatMap((channel: unknown, index): Found[] => {
    const [name, url] = [at(channel, 'name'), at(channel, 'url')]
    const faults: Found[] = []
    if (plaintextUrl(url))
      faults.push({
        path: ['notify', index, 'url'],
        message: 'is a plaintext hop outside this machine; write https://',
      })
    const host = at(channel, 'smtp', 'host')
    if (at(channel, 'smtp', 'tls') === 'off' && typeof host === 'string' && !isLoopback(host))
      faults.push({
        path: ['notify', index, 'smtp', 'tls'],
        message: 'off would be a plaintext hop outside this machine; write starttls or implicit',
      })
    if (name !== undefined && seen.has(name))
      faults.push({
        path: ['notify', index, 'name'],
        message: 'is the name of another channel as well; rules tell channels apart by it',
      })
    seen.add(name)
    return faults
  })
}

// PCI DSS 10.5.1 and 8.2.8.
const LONGEST_IDLE = 900_000

function cardData(config: unknown): Found[] {
  const tagged = entries(at(config, 'targets')).find(([, target]) => tags(target).includes(CDE))
  if (tagged === undefined) return []
  const idle = at(config, 'limits', 'idleTimeout')
  const because = `target ${tagged[0]} is tagged ${CDE}`
  const faults: Found[] = []
  if (typeof idle === 'string' && (parseDuration(idle) ?? 0) > LONGEST_IDLE)
    faults.push({ path: ['limits', 'idleTimeout'], message: `must be at most 15m, because ${because}` })
  return faults
}

function tags(target: unknown): readonly unknown[] {
  const found = at(target, 'tags')
  return Array.isArray(found) ? found : []
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const entries = (value: unknown): readonly [string, unknown][] => (isMap(value) ? Object.entries(value) : [])

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((found, key) => (isMap(found) ? found[key] : undefined), value)

/** Whether an address stays on this machine; what is no address is the schema's to report. */
function local(address: unknown): boolean {
  const found = typeof address === 'string' ? parseAddress(address) : undefined
  return found === undefined || isLoopback(found.host)
}

const plaintextUrl = (url: unknown): boolean => isHttp(url) && !isLoopback(new URL(url).hostname)

const isHttp = (url: unknown): url is string =>
  typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'http:'
