import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { decodeBackend } from '../../src/protocol/postgres/decode.ts'
import { encodeFrontend } from '../../src/protocol/postgres/encode.ts'
import { FrameReader, type BackendFrame } from '../../src/protocol/postgres/framing.ts'
import { UPSTREAM_AUTHENTICATING, UPSTREAM_SESSION } from '../../src/protocol/postgres/limits.ts'
import type {
  BackendMessage,
  BackendMessages,
  BackendName,
  FrontendMessage,
} from '../../src/protocol/postgres/messages.ts'
import { createScramClient } from '../../src/protocol/postgres/scram-client.ts'
import { encodeStartup } from '../../src/protocol/postgres/startup.ts'
import type { Secret } from '../../src/std/secret.ts'

/** What a connection said until a point was reached, sorted by kind. */
export interface Reply {
  /** `ready`: ReadyForQuery came. `held`: a statement waits for a person. `closed`: the connection is over. `copy-in`: rows are awaited. */
  readonly end: 'ready' | 'held' | 'closed' | 'copy-in'
  readonly messages: readonly BackendMessage[]
  /** Cells as text; binary ones as latin1. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly columns: readonly string[]
  readonly tags: readonly string[]
  /** SQLSTATE of every ErrorResponse. */
  readonly errors: readonly string[]
  /** Message, detail and hint of every ErrorResponse and NoticeResponse. */
  readonly said: string
  readonly copied: string
  readonly status: string | undefined
}

export interface RawLogin {
  readonly port: number
  readonly user: string
  readonly password: Secret
  readonly database?: string
  readonly parameters?: ReadonlyMap<string, string>
  /** Protocol options (`_pq_.…`) and the minor version asked for. */
  readonly options?: ReadonlyMap<string, string>
  readonly minor?: number
}

/** No answer in this time fails a test: a hang is a finding. */
const PATIENCE = 15_000

/** A client that sends whatever it is told, frame by frame or byte by byte, and keeps every byte that it received. */
export class RawClient {
  readonly socket: Socket
  readonly chunks: Buffer[] = []
  readonly #frames = new FrameReader({
    side: 'backend',
    limits: { ...UPSTREAM_AUTHENTICATING, ...UPSTREAM_SESSION },
  })
  readonly #waiting: BackendFrame[] = []
  #wake: () => void = () => undefined
  #over = false
  key: BackendMessages['backendKeyData'] | undefined
  port: number
  /** Bytes are kept and not read as messages: for what comes before a startup packet. */
  isRaw = false

  private constructor(socket: Socket, port: number) {
    this.socket = socket
    this.port = port
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#over = true
      this.#wake()
    })
  }

  /** A connection that has said nothing yet. */
  static async open(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port })
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RawClient(socket, port)
  }

  /** Startup packet and SCRAM; the reply ends with the first ReadyForQuery, or `closed` for a login that is refused. */
  static async login(login: RawLogin): Promise<{ readonly client: RawClient; readonly reply: Reply }> {
    const client = await RawClient.open(login.port)
    client.write(startupOf(login))
    const refused = await client.#scram(login.password)
    return { client, reply: refused ?? (await client.reply()) }
  }

  /** A login that must succeed. */
  static async enter(login: RawLogin): Promise<RawClient> {
    const { client, reply } = await RawClient.login(login)
    if (reply.end !== 'ready') throw new Error(`the login was refused: ${reply.said}`)
    return client
  }

  get isOver(): boolean {
    return this.#over && this.#waiting.length === 0
  }

  /** Everything that came, as one buffer. */
  get received(): Buffer {
    return Buffer.concat(this.chunks)
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  send(...messages: readonly FrontendMessage[]): void {
    this.write(Buffer.concat(messages.map((message) => encodeFrontend(message))))
  }

  query(text: string): Promise<Reply> {
    this.send({ name: 'query', text })
    return this.reply()
  }

  /** Parse, Bind, Execute and Sync of the unnamed statement and portal, with text parameters. */
  extended(text: string, parameters: readonly (string | null)[] = []): Promise<Reply> {
    this.send(...unnamed(text, parameters), { name: 'sync' })
    return this.reply()
  }

  /** Everything up to the next ReadyForQuery, held notice, CopyInResponse or end of the connection. */
  async reply(): Promise<Reply> {
    const messages: BackendMessage[] = []
    for (let frame = await this.#next(); frame !== undefined; frame = await this.#next()) {
      const message: BackendMessage = decodeBackend(frame)
      messages.push(message)
      if (message.name === 'backendKeyData') this.key = message
      if (message.name === 'readyForQuery') return sorted('ready', messages)
      if (message.name === 'copyInResponse') return sorted('copy-in', messages)
      if (isHeldNotice(message)) return sorted('held', messages)
    }
    return sorted('closed', messages)
  }

  /** The next message of this kind; what came before it is dropped. Throws when the connection ends first. */
  async until<Name extends BackendName>(name: Name): Promise<BackendMessages[Name]> {
    for (let frame = await this.#next(); frame !== undefined; frame = await this.#next())
      if (frame.name === name) return decodeBackend({ name, bytes: frame.bytes })
    throw new Error(`the connection ended before ${name}`)
  }

  /** Ctrl-C: a CancelRequest on a connection of its own. */
  async cancel(key = this.key): Promise<void> {
    if (key === undefined) throw new Error('no cancel key was given')
    const other = await RawClient.open(this.port)
    other.write(encodeStartup({ name: 'cancelRequest', processId: key.processId, key: key.key }))
    other.socket.end()
    await other.ended()
  }

  /** Takes a held statement back and reads on to ReadyForQuery. */
  async withdraw(): Promise<Reply> {
    await this.cancel()
    let reply = await this.reply()
    while (reply.end === 'held') reply = await this.reply()
    return reply
  }

  /** Resolves when the other side has closed; throws when it does not. */
  async ended(): Promise<void> {
    while (!this.#over) {
      this.#waiting.length = 0
      await this.#signal('the connection was not closed')
    }
  }

  close(): void {
    this.socket.destroy()
  }

  async #scram(password: Secret): Promise<Reply | undefined> {
    const first = await this.#next()
    const offer = first?.name === 'negotiateProtocolVersion' ? await this.#next() : first
    if (offer === undefined) return sorted('closed', [])
    if (offer.name !== 'authenticationSasl')
      return sorted('closed', [decodeBackend({ name: offer.name, bytes: offer.bytes })])
    const { mechanisms } = decodeBackend({ name: offer.name, bytes: offer.bytes })
    const scram = createScramClient({ password, nonce: randomBytes(18).toString('base64'), mechanisms })
    this.write(encodeFrontend(scram.initial))
    const { challenge } = await this.until('authenticationSaslContinue')
    this.write(encodeFrontend({ name: 'saslResponse', response: scram.respond(challenge) }))
    return undefined
  }

  async #next(): Promise<BackendFrame | undefined> {
    while (this.#waiting.length === 0 && !this.#over) await this.#signal('nothing came')
    return this.#waiting.shift()
  }

  async #signal(trouble: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${trouble} within ${PATIENCE} ms`)), PATIENCE)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #read(chunk: Buffer): void {
    this.chunks.push(chunk)
    if (this.isRaw) return
    this.#frames.push(chunk)
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) this.#waiting.push(frame)
    this.#wake()
  }
}

export const startupOf = (login: Pick<RawLogin, 'user' | 'database' | 'parameters' | 'options' | 'minor'>): Buffer =>
  encodeStartup({
    name: 'startup',
    minor: login.minor ?? 0,
    parameters: new Map([
      ['user', login.user],
      ...(login.database === undefined ? [] : [['database', login.database] as const]),
      ...(login.parameters ?? []),
    ]),
    options: login.options ?? new Map(),
  })

/** Parse, Bind and Execute without names, text in and out. */
export const unnamed = (text: string, parameters: readonly (string | null)[] = []): readonly FrontendMessage[] => [
  { name: 'parse', statement: '', text, parameterTypes: [] },
  bind({ parameters }),
  { name: 'execute', portal: '', maxRows: 0 },
]

export const bind = (of: {
  readonly portal?: string
  readonly statement?: string
  readonly parameters?: readonly (string | null)[]
  readonly binary?: boolean
}): FrontendMessage => ({
  name: 'bind',
  portal: of.portal ?? '',
  statement: of.statement ?? '',
  parameterFormats: [],
  parameters: (of.parameters ?? []).map((value) => (value === null ? null : Buffer.from(value))),
  resultFormats: of.binary === true ? ['binary'] : [],
})

const isHeldNotice = (message: BackendMessage): boolean =>
  message.name === 'noticeResponse' && (message.fields.get('M') ?? '').startsWith('this statement is held: ')

function sorted(end: Reply['end'], messages: readonly BackendMessage[]): Reply {
  const spoken = messages.filter((one) => one.name === 'errorResponse' || one.name === 'noticeResponse')
  const last = messages.at(-1)
  return {
    end,
    messages,
    rows: messages.flatMap((one) =>
      one.name === 'dataRow' ? [one.cells.map((cell) => cell?.toString('latin1') ?? null)] : [],
    ),
    columns: messages.flatMap((one) => (one.name === 'rowDescription' ? one.fields.map(({ name }) => name) : [])),
    tags: messages.flatMap((one) => (one.name === 'commandComplete' ? [one.commandTag] : [])),
    errors: spoken.flatMap((one) => (one.name === 'errorResponse' ? [one.fields.get('C') ?? ''] : [])),
    said: spoken.map(({ fields }) => [...fields.values()].join(' | ')).join('\n'),
    copied: messages.map((one) => (one.name === 'copyData' ? one.bytes.toString('latin1') : '')).join(''),
    status: last?.name === 'readyForQuery' ? last.status : undefined,
  }
}
