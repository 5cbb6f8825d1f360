import type { Duplex } from 'node:stream'
import type { SftpAttributes } from '../../src/protocol/ssh/sftp-attributes.ts'
import { NO_ATTRIBUTES } from '../../src/protocol/ssh/sftp-attributes.ts'
import { SftpReader, type SftpPacket } from '../../src/protocol/ssh/sftp-framing.ts'
import { OPEN } from '../../src/protocol/ssh/sftp-numbers.ts'
import { readReply, readVersion, type SftpReply } from '../../src/protocol/ssh/sftp-replies.ts'
import { writeRequest, type WritableRequest } from '../../src/protocol/ssh/sftp-write-request.ts'

type Unnumbered<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never
export type Asked = Unnumbered<WritableRequest>

/** A small SFTP client of the tests' own, over any duplex stream. */
export class SftpClient {
  readonly #stream: Duplex
  readonly #reader = new SftpReader()
  readonly #waiting = new Map<number, (packet: SftpPacket) => void>()
  readonly #greeting = Promise.withResolvers<SftpPacket>()
  #id = 0
  #isGreeted = false
  /** Ids of replies in the order in which they came. */
  readonly order: number[] = []

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk)
      for (let packet = this.#reader.next(); packet !== undefined; packet = this.#reader.next()) this.#take(packet)
    })
  }

  async greet(): Promise<readonly string[]> {
    this.#stream.write(writeRequest({ name: 'init', version: 3 }))
    return readVersion(await this.#greeting.promise).extensions.map(({ name }) => name)
  }

  /** Sends one request; resolves with its reply. Requests that are sent without waiting keep their order. */
  ask(asked: Asked, id = ++this.#id): Promise<SftpReply> {
    return this.packet(asked, id).then(readReply)
  }

  /** The same, the reply as it came. */
  packet(asked: Asked, id = ++this.#id): Promise<SftpPacket> {
    return this.raw(writeRequest({ ...asked, id }))
  }

  raw(bytes: Buffer): Promise<SftpPacket> {
    const { promise, resolve } = Promise.withResolvers<SftpPacket>()
    this.#waiting.set(bytes.readUInt32BE(5), resolve)
    this.#stream.write(bytes)
    return promise
  }

  /** Status of a request that has no other answer. */
  async status(asked: Asked): Promise<number> {
    const reply = await this.ask(asked)
    if (reply.name !== 'status') throw new Error(`a ${reply.name}`)
    return reply.code
  }

  async open(path: string, flags: number, attributes: SftpAttributes = NO_ATTRIBUTES): Promise<Buffer> {
    const reply = await this.ask({ name: 'open', path, flags, attributes })
    if (reply.name !== 'handle') throw new Error(reply.name === 'status' ? `status ${reply.code}` : reply.name)
    return reply.handle
  }

  /** A whole file, with reads one behind the other. */
  async get(path: string, piece = 32768): Promise<Buffer> {
    const handle = await this.open(path, OPEN.read)
    const pieces: Buffer[] = []
    for (let offset = 0n; ;) {
      const reply = await this.ask({ name: 'read', handle, offset, length: piece })
      if (reply.name !== 'data') break
      pieces.push(reply.content)
      offset += BigInt(reply.content.length)
    }
    await this.ask({ name: 'close', handle })
    return Buffer.concat(pieces)
  }

  /** Writes a whole file, all pieces at once. */
  async put(path: string, content: Buffer, piece = 32768): Promise<void> {
    const handle = await this.open(path, OPEN.write | OPEN.create | OPEN.truncate)
    const sent: Promise<number>[] = []
    for (let at = 0; at < content.length; at += piece)
      sent.push(this.status({ name: 'write', handle, offset: BigInt(at), content: content.subarray(at, at + piece) }))
    await Promise.all(sent)
    await this.ask({ name: 'close', handle })
  }

  end(): void {
    this.#stream.end()
  }

  #take(packet: SftpPacket): void {
    if (!this.#isGreeted) {
      this.#isGreeted = true
      this.#greeting.resolve(packet)
      return
    }
    this.order.push(packet.id)
    this.#waiting.get(packet.id)?.(packet)
    this.#waiting.delete(packet.id)
  }
}
