import { randomBytes } from 'node:crypto'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import { encodeFrontend } from '../../protocol/postgres/encode.ts'
import { FrameReader, type BackendFrame } from '../../protocol/postgres/framing.ts'
import { UPSTREAM_AUTHENTICATING } from '../../protocol/postgres/limits.ts'
import { md5Password } from '../../protocol/postgres/md5.ts'
import { createScramClient, type ScramClientDeps } from '../../protocol/postgres/scram-client.ts'
import { encodeStartup } from '../../protocol/postgres/startup.ts'
import type { Secret } from '../../std/secret.ts'
import { startupRefusal, UpstreamError } from './upstream-error.ts'
import type { Line } from './upstream-line.ts'
import type { TlsFacts } from './upstream-tls.ts'

export interface Login {
  readonly user: string
  /** Absent where a client certificate alone proves who we are. */
  readonly password?: Secret | undefined
  readonly database: string
  /** Further startup parameters: application_name, client_encoding, ... */
  readonly parameters: ReadonlyMap<string, string>
  /** The way to SCRAM's salted password; see `createSaltMemory`. */
  readonly salted?: ScramClientDeps['salted']
}

/** How the upstream made sure of us; `none` is a `trust` line in pg_hba.conf, or a client certificate that TLS showed. */
export type Proof = 'none' | 'cleartext' | 'md5' | 'scram' | 'scram-plus'

export interface LoggedIn {
  readonly proof: Proof
  /** ParameterStatus values at login. */
  readonly parameters: ReadonlyMap<string, string>
  /** What cancels a running statement; undefined where the upstream gave none. */
  readonly backendKey: BackendKey | undefined
}

export interface BackendKey {
  readonly pid: number
  readonly secret: Buffer
}

/** A server reports some 15 settings and may send a notice or two; this many mean that it never comes to an end. */
const MAX_MESSAGES = 200

/** From the startup packet to the first ReadyForQuery. Manual: "Message Flow", "Start-up". Throws UpstreamError or ProtocolError. */
export async function logIn(line: Line, login: Login, tls: TlsFacts | undefined): Promise<LoggedIn> {
  const parameters = new Map([['user', login.user], ['database', login.database], ...login.parameters])
  line.write(encodeStartup({ name: 'startup', minor: 0, parameters, options: new Map() }))
  const frames = readFrames(line)
  const proof = await authenticate({ line, login, tls, frames })
  return { proof, ...(await collect(frames)) }
}

interface Exchange {
  readonly line: Line
  readonly login: Login
  readonly tls: TlsFacts | undefined
  readonly frames: Frames
}

/** The next frame, refusals thrown and what means nothing to us left out. */
type Frames = () => Promise<BackendFrame>

/** Takes frames off the line without reading one byte beyond them. */
function readFrames(line: Line): Frames {
  const reader = new FrameReader({ side: 'backend', limits: UPSTREAM_AUTHENTICATING })
  let count = 0
  return async () => {
    for (; count < MAX_MESSAGES; count += 1) {
      const frame = await readFrame(line, reader)
      if (frame.name === 'errorResponse')
        throw startupRefusal(decodeBackend({ name: frame.name, bytes: frame.bytes }).fields)
      // Our startup packet asks for 3.0 without options: there is nothing to negotiate, but saying so is allowed.
      if (frame.name !== 'noticeResponse' && frame.name !== 'negotiateProtocolVersion') return frame
    }
    throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'too many messages before the first ReadyForQuery' })
  }
}

async function readFrame(line: Line, reader: FrameReader<'backend'>): Promise<BackendFrame> {
  const header = await line.read(5)
  reader.push(header)
  const empty = reader.next()
  if (empty !== undefined) return empty
  reader.push(await line.read(header.readInt32BE(1) - 4))
  const frame = reader.next()
  if (frame === undefined) throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'a frame without an end' })
  return frame
}

async function authenticate(exchange: Exchange): Promise<Proof> {
  const { login, tls, line, frames } = exchange
  const { name, bytes } = await frames()
  switch (name) {
    case 'authenticationOk':
      return 'none'
    case 'authenticationSasl':
      return scram(exchange, decodeBackend({ name, bytes }).mechanisms)
    case 'authenticationMd5Password': {
      const { salt } = decodeBackend({ name, bytes })
      line.write(
        encodeFrontend({
          name: 'password',
          password: md5Password({ user: login.user, password: passwordOf(login), salt }),
        }),
      )
      return believe(frames, 'md5')
    }
    case 'authenticationCleartextPassword':
      if (tls === undefined)
        throw new UpstreamError('E_UPSTREAM_AUTH', {
          message: 'the upstream asks for the password in the clear, without TLS',
        })
      line.write(encodeFrontend({ name: 'password', password: passwordOf(login) }))
      return believe(frames, 'cleartext')
    default:
      throw new UpstreamError(name.startsWith('authentication') ? 'E_UPSTREAM_AUTH' : 'E_UPSTREAM_PROTOCOL', {
        message: `the upstream asks for something that we cannot do (${name})`,
      })
  }
}

async function scram({ line, login, tls, frames }: Exchange, mechanisms: readonly string[]): Promise<Proof> {
  const nonce = randomBytes(18).toString('base64')
  const client = createScramClient({
    password: passwordOf(login),
    nonce,
    mechanisms,
    certificateHash: tls?.endPoint,
    salted: login.salted,
  })
  line.write(encodeFrontend(client.initial))
  const { challenge } = decodeBackend(await expect(frames, 'authenticationSaslContinue'))
  line.write(encodeFrontend({ name: 'saslResponse', response: client.respond(challenge) }))
  client.verify(decodeBackend(await expect(frames, 'authenticationSaslFinal')).outcome)
  return believe(frames, client.initial.mechanism.endsWith('-PLUS') ? 'scram-plus' : 'scram')
}

async function believe(frames: Frames, proof: Proof): Promise<Proof> {
  await expect(frames, 'authenticationOk')
  return proof
}

async function expect<Name extends BackendFrame['name']>(frames: Frames, wanted: Name): Promise<BackendFrame<Name>> {
  const { name, tag, bytes } = await frames()
  if (name !== wanted) throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: `${name} instead of ${wanted}` })
  return { name: wanted, tag, bytes }
}

function passwordOf({ password }: Login): Secret {
  if (password === undefined)
    throw new UpstreamError('E_UPSTREAM_AUTH', { message: 'the upstream asks for a password and none is configured' })
  return password
}

async function collect(frames: Frames): Promise<Omit<LoggedIn, 'proof'>> {
  const parameters = new Map<string, string>()
  let backendKey: BackendKey | undefined
  for (;;) {
    const { name, bytes } = await frames()
    switch (name) {
      case 'parameterStatus': {
        const status = decodeBackend({ name, bytes })
        parameters.set(status.parameter, status.value)
        break
      }
      case 'backendKeyData': {
        const { processId, key } = decodeBackend({ name, bytes })
        backendKey = { pid: processId, secret: Buffer.from(key) }
        break
      }
      case 'readyForQuery':
        if (decodeBackend({ name, bytes }).status === 'idle') return { parameters, backendKey }
        throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'a new session inside a transaction' })
      default:
        throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: `${name} before the first ReadyForQuery` })
    }
  }
}
