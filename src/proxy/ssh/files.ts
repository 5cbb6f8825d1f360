import { SftpError } from '../../protocol/ssh/sftp-error.ts'
import { SftpReader, type SftpPacket } from '../../protocol/ssh/sftp-framing.ts'
import { SFTP_VERSION, STATUS } from '../../protocol/ssh/sftp-numbers.ts'
import { readRequest } from '../../protocol/ssh/sftp-read-request.ts'
import { knownExtensions, readVersion, writeVersion } from '../../protocol/ssh/sftp-replies.ts'
import type { RequestNamed, SftpRequest } from '../../protocol/ssh/sftp-requests.ts'
import { writeRequest } from '../../protocol/ssh/sftp-write-request.ts'
import { asError } from '../../std/errors.ts'
import { deferred, type Deferred } from '../../std/deferred.ts'
import { FilesDesk } from './files-desk.ts'
import { FilesJudging } from './files-judging.ts'
import { operationsOf, type NamingRequest } from './files-meaning.ts'
import { ask, queue, release, resize, ride } from './files-riding.ts'
import type { FilesEnd, FilesSeat } from './files-seat.ts'

/** Requests under way beyond which nothing more is read from the client: some clients send all reads of a file at once. */
const MAX_UNDER_WAY = 4096
/** Requests that are being resolved and judged, those that wait for people not counted. */
const MAX_JUDGING = 256

/**
 * Stands between the client's and the target's SFTP: judges every request that names a path, follows what goes through open files, and keeps whatever it does
 * not know from either side. Resolves when the transfer is over; the target's channel is ended then, and the client's is left to the caller, who has an exit
 * status to send first. Rejects where the recording fails: the session must end.
 */
export function serveFiles(seat: FilesSeat): Promise<FilesEnd> {
  return new FilesFilter(seat).over
}

type Phase = 'fresh' | 'greeted' | 'running' | 'ended'

interface Ears {
  readonly data: (chunk: Buffer) => void
  readonly end: () => void
  readonly gone: () => void
}

class FilesFilter {
  readonly #seat: FilesSeat
  readonly #desk: FilesDesk
  readonly #judging: FilesJudging
  readonly #requests = new SftpReader()
  readonly #replies = new SftpReader()
  readonly #gone = new AbortController()
  readonly #over: Deferred<FilesEnd> = deferred()
  readonly #tasks = new Set<Promise<void>>()
  readonly #ignored: (() => void)[] = []
  #phase: Phase = 'fresh'
  #isPaused = false
  #isClientDone = false

  constructor(seat: FilesSeat) {
    this.#seat = seat
    this.#desk = new FilesDesk(seat)
    this.#judging = new FilesJudging(this.#desk, this.#gone.signal)
    this.#listen()
  }

  get over(): Promise<FilesEnd> {
    return this.#over.promise
  }

  #listen(): void {
    const { client, upstream, answers, gone } = this.#seat
    const ended = (by: FilesEnd['by']) => () => this.#end({ by, error: undefined })
    this.#hear(client, {
      data: (chunk) => this.#guarded('broken-client', () => this.#fromClient(chunk)),
      end: () => this.#clientDone(),
      gone: ended('client'),
    })
    this.#hear(upstream, {
      data: (chunk) => this.#guarded('broken-target', () => this.#fromTarget(chunk)),
      end: ended('target'),
      gone: ended('target'),
    })
    const drained = (): void => this.#settle()
    const onGone = ended('session')
    upstream.on('drain', drained)
    gone.addEventListener('abort', onGone)
    this.#ignored.push(
      answers.fedBy(upstream),
      () => upstream.off('drain', drained),
      () => gone.removeEventListener('abort', onGone),
    )
    client.resume()
    upstream.resume()
    if (gone.aborted) onGone()
  }

  #hear(stream: FilesSeat['client'], ears: Ears): void {
    const failed = (): void => ears.gone()
    stream.on('data', ears.data).on('end', ears.end).on('close', ears.gone).on('error', failed)
    this.#ignored.push(() =>
      stream.off('data', ears.data).off('end', ears.end).off('close', ears.gone).off('error', failed),
    )
  }

  #guarded(culprit: 'broken-client' | 'broken-target', work: () => void): void {
    if (this.#phase === 'ended') return
    try {
      this.#desk.gather(work)
    } catch (thrown) {
      if (thrown instanceof SftpError) this.#end({ by: culprit, error: thrown })
      else this.#fail(thrown)
    }
  }

  #fromClient(chunk: Buffer): void {
    this.#requests.push(chunk)
    for (let packet = this.#requests.next(); packet !== undefined; packet = this.#requests.next()) this.#request(packet)
    this.#settle()
  }

  #fromTarget(chunk: Buffer): void {
    this.#replies.push(chunk)
    for (let packet = this.#replies.next(); packet !== undefined; packet = this.#replies.next()) this.#reply(packet)
    this.#settle()
  }

  #reply(packet: SftpPacket): void {
    if (this.#phase === 'running') {
      this.#desk.exchange.answer(packet)
      return
    }
    const { version, extensions } = readVersion(packet)
    if (this.#phase !== 'greeted' || version !== SFTP_VERSION) throw new SftpError('a version that was not asked for')
    this.#phase = 'running'
    this.#desk.swapsLinks = extensions.some(({ name }) => name.endsWith('@openssh.com'))
    this.#desk.answer(writeVersion(knownExtensions(extensions)))
  }

  #request(packet: SftpPacket): void {
    const request = readRequest(packet)
    if (request.name === 'init') {
      this.#greet()
      return
    }
    // A server answers nothing before VERSION, and no client asks before it.
    if (this.#phase !== 'running') throw new SftpError('a request before the version was agreed')
    this.#step(request, packet)
  }

  #greet(): void {
    if (this.#phase !== 'fresh') throw new SftpError('a second INIT')
    this.#phase = 'greeted'
    this.#seat.sendRiding(writeRequest({ name: 'init', version: SFTP_VERSION }))
  }

  #step(request: Exclude<SftpRequest, { name: 'init' }>, packet: SftpPacket): void {
    switch (request.name) {
      case 'read':
      case 'write':
      case 'close':
      case 'readdir':
      case 'fstat':
      case 'fstatvfs':
      case 'fsync': {
        ride(this.#desk, request, packet)
        return
      }
      case 'realpath':
      case 'expandPath':
      case 'limits':
      case 'homeDirectory':
      case 'usersGroups': {
        ask(this.#desk, request, packet)
        return
      }
      case 'fsetstat': {
        this.#byHandle(request, packet)
        return
      }
      case 'unknown': {
        this.#desk.status(request.id, STATUS.unsupported, 'not supported through countersign')
        return
      }
      case 'unreadable': {
        this.#desk.status(request.id, STATUS.badMessage, request.fault)
        return
      }
      default:
        this.#judge(request)
    }
  }

  #judge(request: NamingRequest): void {
    this.#run(this.#judging.judge(request))
  }

  #byHandle(request: RequestNamed<'fsetstat'>, packet: SftpPacket): void {
    const file = this.#desk.handles.find(request.handle)
    if (file === undefined) {
      this.#desk.status(request.id, STATUS.failure, 'no such handle')
      return
    }
    const again = (): void => this.#byHandle(request, packet)
    if (file.waiting !== undefined) {
      queue(this.#desk, file, { id: request.id, bytes: packet.bytes.length, run: again })
      return
    }
    const isCovered = operationsOf(request.attributes).every((one) => one === 'write' && file.written !== undefined)
    if (isCovered) {
      resize(this.#desk, { request, packet, file })
      return
    }
    file.waiting = []
    this.#run(
      this.#judging.judgeHandle(request, file).finally(() => this.#guarded('broken-client', () => release(file))),
    )
  }

  #run(task: Promise<void>): void {
    const done = task
      .catch((thrown: unknown) => this.#fail(thrown))
      .finally(() => {
        this.#tasks.delete(done)
        this.#settle()
      })
    this.#tasks.add(done)
  }

  /** Reads from the client as long as there is room for what it says. */
  #settle(): void {
    if (this.#phase === 'ended') return
    const isFull =
      this.#desk.exchange.size >= MAX_UNDER_WAY ||
      this.#tasks.size - this.#judging.held >= MAX_JUDGING ||
      this.#seat.upstream.writableNeedDrain
    if (isFull !== this.#isPaused) {
      this.#isPaused = isFull
      if (isFull) this.#seat.client.pause()
      else this.#seat.client.resume()
    }
    if (this.#isClientDone && this.#tasks.size === 0) this.#seat.upstream.end()
  }

  /** Nobody waits for a person any more; what is under way is answered still. */
  #clientDone(): void {
    if (this.#requests.unfinished) {
      this.#end({ by: 'broken-client', error: new SftpError('the end in the middle of a packet') })
      return
    }
    this.#isClientDone = true
    this.#gone.abort('the client left')
    this.#settle()
  }

  #fail(thrown: unknown): void {
    this.#stop()
    this.#over.reject(asError(thrown))
  }

  #end({ by, error }: FilesEnd): void {
    if (this.#phase === 'ended') return
    this.#stop()
    try {
      this.#desk.exchange.lose()
      for (const file of this.#desk.handles.takeAll()) this.#desk.fileEnded(file, { end: 'unknown' })
    } catch (thrown) {
      this.#over.reject(asError(thrown))
    }
    const end: FilesEnd = { by: by === 'target' && this.#isClientDone ? 'client' : by, error }
    void Promise.all(this.#tasks).then(() => this.#over.resolve(end))
  }

  #stop(): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#gone.abort('the file transfer is over')
    for (const ignore of this.#ignored) ignore()
    const { client, upstream } = this.#seat
    for (const stream of [client, upstream]) stream.on('error', () => undefined)
    upstream.end()
  }
}
