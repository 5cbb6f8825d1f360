import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Duplex } from 'node:stream'
import { duplexPair } from 'node:stream'
import { Builder } from '../../../src/bytes/builder.ts'
import { NO_ATTRIBUTES } from '../../../src/protocol/ssh/sftp-attributes.ts'
import { SftpReader, type SftpPacket } from '../../../src/protocol/ssh/sftp-framing.ts'
import { OPEN, REPLY, STATUS } from '../../../src/protocol/ssh/sftp-numbers.ts'
import { readRequest } from '../../../src/protocol/ssh/sftp-read-request.ts'
import { writeStatus, writeVersion, type SftpExtension } from '../../../src/protocol/ssh/sftp-replies.ts'
import type { SftpRequest } from '../../../src/protocol/ssh/sftp-requests.ts'
import { writeRequest } from '../../../src/protocol/ssh/sftp-write-request.ts'
import { FilesStage, type Judge } from '../../support/files-stage.ts'
import { seeded } from '../../support/random.ts'

const text = (builder: Builder, value: string): Builder => builder.u32(Buffer.byteLength(value)).utf8(value)

function reply(type: number, id: number, fill: (builder: Builder) => void): Buffer {
  const builder = new Builder().u32(0).u8(type).u32(id)
  fill(builder)
  return builder.patchI32(0, builder.length - 4).finish()
}

const named = (id: number, name: string): Buffer =>
  reply(REPLY.name, id, (builder) => text(text(builder.u32(1), name), name).u32(0))
const handleOf = (id: number, name: string): Buffer => reply(REPLY.handle, id, (builder) => text(builder, name))
const ok = (id: number): Buffer => writeStatus(id, { code: STATUS.ok, message: '' })

const OPENSSH: readonly SftpExtension[] = [{ name: 'posix-rename@openssh.com', data: Buffer.from('1') }]

/** A target that answers as it is told; what it heard is kept. */
class FakeTarget {
  readonly upstream: Duplex
  readonly heard: SftpRequest[] = []
  readonly #near: Duplex
  readonly #answer: (request: SftpRequest & { id: number }) => Buffer | undefined
  readonly #extensions: readonly SftpExtension[]

  constructor(answer: (request: SftpRequest & { id: number }) => Buffer | undefined, extensions = OPENSSH) {
    this.#extensions = extensions
    const [near, far] = duplexPair()
    this.#near = near
    this.upstream = far
    this.#answer = answer
    const reader = new SftpReader()
    near.on('data', (chunk: Buffer) => {
      reader.push(chunk)
      for (let packet = reader.next(); packet !== undefined; packet = reader.next()) this.#take(packet)
    })
    near.on('end', () => near.end())
  }

  say(bytes: Buffer): void {
    this.#near.write(bytes)
  }

  leave(): void {
    this.#near.end()
  }

  /** Names of what it heard, our own questions left out. */
  get asked(): readonly string[] {
    return this.heard.map(({ name }) => name).filter((name) => name !== 'realpath' && name !== 'init')
  }

  #take(packet: SftpPacket): void {
    const request = readRequest({ ...packet, bytes: Buffer.from(packet.bytes) })
    this.heard.push(request)
    if (request.name === 'init') this.say(writeVersion(this.#extensions))
    else {
      const bytes = this.#answer(request) ?? usual(request)
      if (bytes !== undefined) this.say(bytes)
    }
  }
}

/** Every path is where it says, every open gives the path as handle, everything else is fine. */
function usual(request: SftpRequest & { id: number }): Buffer | undefined {
  switch (request.name) {
    case 'realpath':
      return named(request.id, request.path.startsWith('/') ? request.path : `/home/${request.path}`)
    case 'open':
    case 'opendir':
      return handleOf(request.id, request.path)
    default:
      return ok(request.id)
  }
}

async function stage(
  judge?: Judge,
  answer: (request: SftpRequest & { id: number }) => Buffer | undefined = () => undefined,
) {
  const target = new FakeTarget(answer)
  const files = new FilesStage(target.upstream, judge)
  await files.client.greet()
  return { files, client: files.client, target }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const mkdir = (path: string) => ({ name: 'mkdir', path, attributes: NO_ATTRIBUTES }) as const

describe('a file transfer', () => {
  test('goes on beside a request that is held, and the held one is answered when its person has decided', async () => {
    const verdict = Promise.withResolvers<'clear'>()
    const { client, target, files } = await stage(({ path }) =>
      path === '/held' ? { held: verdict.promise } : 'clear',
    )
    const held = client.status(mkdir('/held'))
    const others = ['/a', '/b', '/c'].map((path) => client.status(mkdir(path)))
    assert.deepEqual(await Promise.all(others), [0, 0, 0])
    assert.deepEqual(target.asked, ['mkdir', 'mkdir', 'mkdir'])
    verdict.resolve('clear')
    assert.equal(await held, STATUS.ok)
    assert.deepEqual(
      files.files.map(({ path }) => path),
      ['/a', '/b', '/c', '/held'],
    )
  })

  test('sends nothing of what is refused, and says so with a sentence', async () => {
    const { client, target, files } = await stage(() => 'deny')
    const packet = await client.packet({ name: 'remove', path: '/a' })
    assert.equal(packet.bytes.readUInt32BE(9), STATUS.permissionDenied)
    assert.ok(packet.bytes.includes('countersign: not here'))
    assert.deepEqual(target.asked, [])
    assert.deepEqual(files.told, ['not here'])
  })

  test('keeps the numbers of its client, whatever they are, and even where one is used twice', async () => {
    const { client, target } = await stage()
    const ids = [0, 1, 2, 3, 4_294_967_295, 7]
    const replies = await Promise.all(ids.map((id) => client.ask({ name: 'remove', path: `/${id}` }, id)))
    assert.deepEqual(
      replies.map(({ id }) => id),
      ids,
    )
    const seen = target.heard.flatMap((request) => ('id' in request ? [request.id] : []))
    assert.equal(new Set(seen).size, seen.length)
  })

  test('is judged by where the target says that a path leads, and the target is sent that path', async () => {
    const { files, client, target } = await stage(undefined, (request) =>
      request.name === 'realpath' && request.path === 'link' ? named(request.id, '/etc/shadow') : undefined,
    )
    await client.open('link', OPEN.read)
    assert.deepEqual(files.judged, ['read /etc/shadow'])
    const sent = target.heard.find(({ name }) => name === 'open')
    assert.equal(sent?.name === 'open' && sent.path, '/etc/shadow')
  })

  test('whose target does not resolve paths is judged by what is written, and as unresolved', async () => {
    for (const answer of ['', 'relative', '/a/../b', '/a/']) {
      const { files, client } = await stage(undefined, (request) =>
        request.name === 'realpath' ? named(request.id, answer) : undefined,
      )
      await client.open('/x/../y', OPEN.read)
      assert.deepEqual([files.judged, files.statements[0]?.resolved], [['read /y'], false], answer)
    }
  })

  test('never lets pass what it does not know', async () => {
    const { client, target } = await stage()
    const extended = reply(200, 5, (builder) => text(builder, 'copy-data').u32(0))
    const kind = reply(99, 6, () => undefined)
    const broken = reply(17, 7, (builder) => builder.u32(50))
    const codes = [extended, kind, broken].map(async (bytes) => (await client.raw(bytes)).bytes.readUInt32BE(9))
    assert.deepEqual(await Promise.all(codes), [STATUS.unsupported, STATUS.unsupported, STATUS.badMessage])
    assert.deepEqual(target.asked, [])
  })

  test('makes no symbolic link where nobody knows which of two names comes first', async () => {
    const { client, target } = await stage()
    assert.equal(await client.status({ name: 'symlink', leadsTo: '/a', link: '/b' }), STATUS.ok)
    const other = new FakeTarget(() => undefined, [])
    const files = new FilesStage(other.upstream)
    await files.client.greet()
    assert.equal(await files.client.status({ name: 'symlink', leadsTo: '/a', link: '/b' }), STATUS.unsupported)
    assert.deepEqual([target.asked, other.asked], [['symlink'], []])
  })

  test('says in words what attributes are set to', async () => {
    const { client, files } = await stage()
    const attributes = {
      ...{ size: 5n, owner: { user: 0, group: 7 }, mode: 0o104755, extended: [] },
      times: { accessed: 1, modified: 1 },
    }
    await client.status({ name: 'setstat', path: '/a', attributes })
    await client.open('/b', OPEN.write | OPEN.create, { ...NO_ATTRIBUTES, mode: 0o2755 })
    assert.deepEqual(
      files.statements.map(({ operation, change }) => [operation, change]),
      [
        ['write', 'size 5'],
        ['attributes', 'mode 4755, owner 0:7, times'],
        ['write', undefined],
        ['attributes', 'mode 2755'],
      ],
    )
  })

  test('reports the first card numbers of a file at once and all others when it is closed', async () => {
    const { client, files } = await stage()
    const handle = await client.open('/a', OPEN.write)
    const content = Buffer.from('4111 1111 1111 1111\n5555555555554444\n')
    const found = (): number[] => files.events.flatMap((event) => (event.kind === 'find' ? [event.count] : []))
    for (const offset of [0, 1, 2])
      await client.status({ name: 'write', handle, offset: BigInt(offset * content.length), content })
    assert.deepEqual(found(), [2])
    await client.status({ name: 'close', handle })
    assert.deepEqual(found(), [2, 4])
  })

  test('refuses an open with bits of another version', async () => {
    const { client, target } = await stage()
    await assert.rejects(client.open('/a', 0x40 | OPEN.read), /status 8/)
    assert.deepEqual(target.asked, [])
  })

  test('takes only handles that the target gave, and gives none of them twice', async () => {
    const { client, target } = await stage()
    const handle = Buffer.from('made up')
    assert.equal(await client.status({ name: 'close', handle }), STATUS.failure)
    assert.equal(await client.status({ name: 'write', handle, offset: 0n, content: handle }), STATUS.failure)
    const real = await client.open('/a', OPEN.read)
    const closed = client.status({ name: 'close', handle: real })
    assert.equal(await client.status({ name: 'fstat', handle: real }), STATUS.failure)
    assert.equal(await closed, STATUS.ok)
    assert.deepEqual(target.asked, ['open', 'close'])
  })

  test('judges a change of attributes by handle by its path, and keeps what comes behind it in order', async () => {
    const verdict = Promise.withResolvers<'clear'>()
    const judge: Judge = ({ operation }) => (operation === 'attributes' ? { held: verdict.promise } : 'clear')
    const { client, target, files } = await stage(judge)
    const handle = await client.open('/a', OPEN.write | OPEN.create)
    const mode = { ...NO_ATTRIBUTES, mode: 0o600 }
    const changed = client.status({ name: 'fsetstat', handle, attributes: mode })
    const written = client.status({ name: 'write', handle, offset: 0n, content: Buffer.from('x') })
    const again = client.status({ name: 'fsetstat', handle, attributes: mode })
    const closed = client.status({ name: 'close', handle })
    await turn()
    assert.deepEqual(target.asked, ['open'])
    verdict.resolve('clear')
    assert.deepEqual(await Promise.all([changed, written, again, closed]), [0, 0, 0, 0])
    assert.deepEqual(target.asked, ['open', 'fsetstat', 'write', 'fsetstat', 'close'])
    assert.deepEqual(files.judged, ['write /a', 'attributes /a', 'attributes /a'])
  })

  test('lets a new size of a file that is open for writing ride its handle', async () => {
    const { client, files } = await stage()
    const handle = await client.open('/a', OPEN.write)
    assert.equal(await client.status({ name: 'fsetstat', handle, attributes: { ...NO_ATTRIBUTES, size: 9n } }), 0)
    assert.deepEqual(files.judged, ['write /a'])
  })

  test('has no more than so many requests wait for people', async () => {
    const { client } = await stage(() => ({ held: new Promise(() => undefined) }))
    const asked = Array.from({ length: 40 }, (_, at) => client.status(mkdir(`/${at}`)))
    const codes: number[] = []
    for (const one of asked) void one.then((code) => codes.push(code))
    while (codes.length < 8) await turn()
    await turn()
    assert.deepEqual(codes, Array<number>(8).fill(STATUS.permissionDenied))
  })

  test('whose client leaves while a request is held sends nothing of it, and ends', async () => {
    const { client, target, files } = await stage(() => ({ held: new Promise(() => undefined) }))
    void client.status(mkdir('/held'))
    while (files.statements.length === 0) await turn()
    client.end()
    assert.deepEqual(await files.over, { by: 'client', error: undefined })
    assert.deepEqual(target.asked, [])
  })

  test('whose session ends tells open files and unanswered requests as unknown', async () => {
    const { client, files } = await stage(undefined, (request) =>
      request.name === 'remove' ? Buffer.alloc(0) : undefined,
    )
    const handle = await client.open('/a', OPEN.write)
    void client.status({ name: 'write', handle, offset: 0n, content: Buffer.from('abc') })
    void client.status({ name: 'remove', path: '/b' })
    while (!files.judged.includes('remove /b')) await turn()
    await turn()
    files.gone.abort()
    assert.equal((await files.over).by, 'session')
    assert.deepEqual(
      files.files.map(({ operation, end, written }) => [operation, end, written?.bytes]),
      [
        ['remove', 'unknown', undefined],
        ['write', 'unknown', 3],
      ],
    )
    assert.deepEqual(files.settled, ['2 unknown', '1 unknown'])
  })

  test('whose target leaves in the middle is over, and says by whom', async () => {
    const { files, target } = await stage()
    target.leave()
    assert.deepEqual(await files.over, { by: 'target', error: undefined })
  })

  const BROKEN_TARGETS: readonly (readonly [about: string, bytes: Buffer])[] = [
    ['answers what nobody asked', ok(4711)],
    ['answers with the wrong kind', Buffer.alloc(0)],
    ['sends a packet that is too long', Buffer.from('7fffffff', 'hex')],
    ['sends VERSION again', writeVersion([])],
  ]
  for (const [about, bytes] of BROKEN_TARGETS)
    test(`ends where the target ${about}`, async () => {
      const { client, files, target } = await stage(undefined, (request) =>
        request.name === 'remove' ? named(request.id, '/') : undefined,
      )
      if (bytes.length > 0) target.say(bytes)
      else void client.status({ name: 'remove', path: '/a' })
      const { by, error } = await files.over
      assert.equal(by, 'broken-target')
      assert.match(error?.message ?? '', /file transfer protocol violation/)
    })

  test('ends where the target sends more than was asked for', async () => {
    const { client, files } = await stage(undefined, (request) =>
      request.name === 'read' ? reply(REPLY.data, request.id, (builder) => text(builder, 'too much')) : undefined,
    )
    const handle = await client.open('/a', OPEN.read)
    void client.ask({ name: 'read', handle, offset: 0n, length: 3 })
    assert.equal((await files.over).by, 'broken-target')
  })

  const BROKEN_CLIENTS: readonly (readonly [about: string, bytes: Buffer])[] = [
    ['asks before the version is agreed', writeRequest({ name: 'stat', id: 1, path: '/' })],
    ['sends a packet that is too long', Buffer.from('ffffffff', 'hex')],
    ['is no SFTP at all', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ]
  for (const [about, bytes] of BROKEN_CLIENTS)
    test(`ends where the client ${about}, and the target hears nothing of it`, async () => {
      const target = new FakeTarget(() => undefined)
      const files = new FilesStage(target.upstream)
      files.near.write(bytes)
      assert.equal((await files.over).by, 'broken-client')
      assert.deepEqual(target.heard, [])
    })

  test('answers or ends, whatever a client sends', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed)
      const { files, target } = await stage()
      for (let at = 0; at < 50; at++) {
        const body = Buffer.from(
          Array.from({ length: 4 + random.below(40) }, () => random.below(random.below(2) ? 256 : 4)),
        )
        files.near.write(reply(random.below(24), at, (builder) => builder.bytes(body)))
      }
      files.near.end()
      await files.over
      for (const request of target.heard)
        assert.ok(request.name !== 'unreadable' && request.name !== 'unknown', String(seed))
    }
  })

  test('fails where its recording fails', async () => {
    const target = new FakeTarget(() => undefined)
    const files = new FilesStage(target.upstream)
    await files.client.greet()
    files.events.push = () => {
      throw new Error('disk full')
    }
    void files.client.status({ name: 'remove', path: '/a' })
    await assert.rejects(files.over, /disk full/)
  })

  test('reads no more from a client whose target does not take it', async () => {
    const [near, far] = duplexPair({ highWaterMark: 1024 })
    const files = new FilesStage(far)
    near.on('error', () => undefined)
    const greeted = files.client.greet()
    near.once('data', () => near.write(writeVersion([])))
    await greeted
    near.pause()
    const packet = writeRequest({ name: 'realpath', id: 1, path: 'x'.repeat(4000) })
    let sent = 0
    while (sent < 100_000_000 && files.near.write(packet)) sent += packet.length
    for (let at = 0; at < 50; at++) await turn()
    while (sent < 100_000_000 && files.near.write(packet)) sent += packet.length
    assert.ok(sent < 5_000_000, String(sent))
  })
})
