import type { ActionFacts } from '../../model/action-facts.ts'
import type { FileOperation } from '../../model/statement.ts'
import type { SftpAttributes } from '../../protocol/ssh/sftp-attributes.ts'
import { OPEN, STATUS } from '../../protocol/ssh/sftp-numbers.ts'
import type { SftpPacket } from '../../protocol/ssh/sftp-framing.ts'
import type { ReplyName, SftpReply } from '../../protocol/ssh/sftp-replies.ts'
import { SftpError } from '../../protocol/ssh/sftp-error.ts'
import type { RequestNamed } from '../../protocol/ssh/sftp-requests.ts'
import { writeRequest } from '../../protocol/ssh/sftp-write-request.ts'
import { refused, type Cleared, type Refused } from '../../session/ruling.ts'
import type { FilesDesk } from './files-desk.ts'
import { MAX_HANDLES, openFile, type OpenFile, type Permitted } from './files-handles.ts'
import {
  attributesOf,
  changeOf,
  meaningOf,
  namesOf,
  operationsOf,
  pinned,
  type Meaning,
  type NamingRequest,
} from './files-meaning.ts'
import type { FileWork } from './files-seat.ts'
import type { Resolution } from './files-resolve.ts'
import type { Turn } from './files-turns.ts'

/** Requests of one channel that may wait for people at a time. */
export const MAX_HELD = 32

/** A request on its way through judgement. */
interface Case {
  readonly request: NamingRequest
  readonly meaning: Meaning
  readonly turn: Turn
  readonly since: number
}

/** Where the request's paths really lead. */
interface Places {
  readonly path: string
  readonly to: string | undefined
  readonly resolved: boolean
}

/** Judges the requests that name paths. Each runs for itself, so that one that is held stops none of the others. */
export class FilesJudging {
  readonly #desk: FilesDesk
  readonly #gone: AbortSignal
  #held = 0

  constructor(desk: FilesDesk, gone: AbortSignal) {
    this.#desk = desk
    this.#gone = gone
  }

  /** How many wait for people. */
  get held(): number {
    return this.#held
  }

  /** Takes its place in the order at once; resolves when the request has left, or is answered. */
  async judge(request: NamingRequest): Promise<void> {
    const meaning = meaningOf(request)
    const { handles, seat } = this.#desk
    if (meaning === undefined) {
      this.#desk.status(request.id, STATUS.unsupported, 'unknown bits in an open')
      return
    }
    if (handles.size >= MAX_HANDLES && (request.name === 'open' || request.name === 'opendir')) {
      this.#desk.status(request.id, STATUS.failure, 'too many open files')
      return
    }
    if (request.name === 'symlink' && !this.#desk.swapsLinks) {
      this.#desk.status(request.id, STATUS.unsupported, 'symbolic links are made here on OpenSSH only')
      return
    }
    const turn = this.#desk.turns.take(meaning.changes)
    try {
      await turn.ready
      await this.#resolved({ request, meaning, turn, since: seat.clock.monoMicros() })
    } finally {
      turn.release()
    }
  }

  /** A change of attributes by handle is a change of the path that was opened. */
  async judgeHandle(request: RequestNamed<'fsetstat'>, file: OpenFile): Promise<void> {
    const { exchange, seat } = this.#desk
    const operations = operationsOf(request.attributes).filter((one) => one !== 'write' || file.written === undefined)
    const frame = writeRequest({ ...request, id: exchange.newId() })
    const since = seat.clock.monoMicros()
    const places = { path: file.path, to: undefined, resolved: true }
    const { attributes } = request
    const verdict = await this.#rulings({ frame, operations, places, since, attributes, onHeld: () => undefined })
    if ('outcome' in verdict) {
      this.#desk.refuse(request.id, verdict)
      return
    }
    this.#send({ frame, permitted: verdict, id: request.id }, 'status', (reply) => this.#plainEnd(verdict, reply))
  }

  async #resolved(work: Case): Promise<void> {
    const { request, meaning, turn, since } = work
    const places = await this.#places(request, meaning)
    if ('outcome' in places) {
      this.#unresolved(work, places)
      return
    }
    const frame = writeRequest(pinned(request, { id: this.#desk.exchange.newId(), ...places }))
    const hold = { began: false }
    const onHeld = (): void => {
      hold.began = true
      turn.release()
    }
    const attributes = attributesOf(request)
    const verdict = await this.#rulings({ frame, operations: meaning.operations, places, since, attributes, onHeld })
    if ('outcome' in verdict) {
      this.#desk.refuse(request.id, verdict)
      return
    }
    if (hold.began && !(await this.#leadsThereStill(request, meaning, places))) {
      for (const one of verdict) this.#desk.ended(one, { end: 'failed' })
      this.#desk.refuse(request.id, refused('void', 'the path leads elsewhere than when it was held'))
      return
    }
    this.#leave({ request, places, permitted: verdict, frame })
  }

  async #places(
    request: NamingRequest,
    { reach }: Meaning,
  ): Promise<Places | Exclude<Resolution, { outcome: 'path' }>> {
    const { resolver } = this.#desk
    const names = namesOf(request)
    const path = await resolver.resolve(names.path, reach)
    if (path.outcome !== 'path') return path
    if (request.name === 'symlink')
      return { path: path.path, to: await resolver.leadsTo(path.path, request.leadsTo), resolved: path.real }
    if (names.to === undefined) return { path: path.path, to: undefined, resolved: path.real }
    const to = await resolver.resolve(names.to, reach)
    return to.outcome === 'path' ? { path: path.path, to: to.path, resolved: path.real && to.real } : to
  }

  /** The target itself says no before there is anything to judge: it is kept, as an attempt, and told. */
  #unresolved({ request, meaning, since }: Case, why: Exclude<Resolution, { outcome: 'path' }>): void {
    const { seat } = this.#desk
    const names = namesOf(request)
    if (why.outcome === 'lost') return
    if (why.outcome === 'nameless') {
      this.#desk.status(request.id, STATUS.failure, 'the path has no last name')
      return
    }
    for (const operation of meaning.operations)
      seat.record({
        kind: 'ssh.file',
        ...{ statement: undefined, by: 'sftp', operation },
        path: seat.scrub(names.path),
        to: names.to === undefined ? undefined : seat.scrub(names.to),
        ...{ end: 'failed', status: seat.scrub('the target does not say where the path leads') },
        ...{ read: undefined, written: undefined },
        ms: Math.round((seat.clock.monoMicros() - since) / 1000),
      })
    this.#desk.pass(why.packet, request.id)
  }

  /** A ruling for each operation; the first that refuses is the answer, and what was cleared before it is settled unused. */
  async #rulings(asked: {
    readonly frame: Buffer
    readonly operations: readonly FileOperation[]
    readonly places: Places
    readonly since: number
    readonly attributes: SftpAttributes
    readonly onHeld: () => void
  }): Promise<readonly Permitted[] | Refused> {
    const { frame, operations, places, since, attributes, onHeld } = asked
    const permitted: Permitted[] = []
    for (const operation of operations) {
      const change = changeOf(operation, attributes)
      const statement = { kind: 'file', by: 'sftp', operation, ...places } as const
      const ruling = await this.#ruling(
        { frame, statement: change === undefined ? statement : { ...statement, change } },
        onHeld,
      )
      if (ruling.outcome === 'refused') {
        for (const one of permitted) this.#desk.ended(one, { end: 'failed' })
        return ruling
      }
      permitted.push({ operation, cleared: ruling, path: places.path, to: places.to, since })
    }
    return permitted
  }

  async #ruling(work: FileWork, onHeld: () => void): Promise<Cleared<ActionFacts> | Refused> {
    const hold = { began: false }
    const tooMany = new AbortController()
    const held = (): void => {
      // The notice is repeated while it waits.
      if (hold.began) return
      hold.began = true
      this.#held += 1
      if (this.#held > MAX_HELD) tooMany.abort('too many requests of this transfer wait already')
      onHeld()
    }
    try {
      const gone = AbortSignal.any([this.#gone, tooMany.signal])
      return await this.#desk.seat.judge(work, { gone, onHeld: held })
    } finally {
      if (hold.began) this.#held -= 1
    }
  }

  async #leadsThereStill(request: NamingRequest, { reach }: Meaning, { path, to, resolved }: Places): Promise<boolean> {
    if (!resolved) return true
    const { resolver } = this.#desk
    const again = await resolver.resolve(path, reach)
    if (again.outcome !== 'path' || again.path !== path) return false
    if (to === undefined || request.name === 'symlink') return true
    const other = await resolver.resolve(to, reach)
    return other.outcome === 'path' && other.path === to
  }

  #leave(work: {
    readonly request: NamingRequest
    readonly places: Places
    readonly permitted: readonly Permitted[]
    readonly frame: Buffer
  }): void {
    const { request, places, permitted, frame } = work
    const sent = { frame, permitted, id: request.id }
    const end = (reply: SftpReply): void => this.#plainEnd(permitted, reply)
    if (request.name === 'open' || request.name === 'opendir') {
      const file = openFile(places.path, permitted, request.name === 'open' && isEmptied(request.flags))
      this.#send(sent, 'handle', (reply) => this.#opened(file, reply))
    } else if (request.name === 'stat' || request.name === 'lstat') this.#send(sent, 'attrs', end)
    else if (request.name === 'readlink') this.#send(sent, 'name', end)
    else this.#send(sent, request.name === 'statvfs' ? 'extendedReply' : 'status', end)
  }

  #send(
    sent: { readonly frame: Buffer; readonly permitted: readonly Permitted[]; readonly id: number },
    expects: ReplyName,
    end: (reply: SftpReply) => void,
  ): void {
    const { exchange } = this.#desk
    // All were given for this frame; the last one is spent with it.
    const clearance = sent.permitted.at(-1)?.cleared.clearance
    if (clearance === undefined) throw new Error('a request without an operation')
    exchange.send(sent.frame, clearance, {
      expects,
      answered: (reply, packet: SftpPacket) => {
        end(reply)
        this.#desk.pass(packet, sent.id)
      },
      lost: () => {
        for (const one of sent.permitted) this.#desk.ended(one, { end: 'unknown' })
      },
    })
  }

  #plainEnd(permitted: readonly Permitted[], reply: SftpReply): void {
    const code = reply.name === 'status' ? reply.code : STATUS.ok
    for (const one of permitted) this.#desk.ended(one, code === STATUS.ok ? { end: 'done' } : { end: 'failed', code })
  }

  /** An opened file goes on until it is closed. */
  #opened(file: OpenFile, reply: SftpReply): void {
    if (reply.name !== 'handle') {
      this.#plainEnd(file.permitted, reply)
      return
    }
    const { handles } = this.#desk
    if (handles.isKnown(reply.handle)) throw new SftpError('a handle that is open already')
    handles.add(reply.handle, file)
  }
}

const isEmptied = (flags: number): boolean =>
  (flags & OPEN.truncate) !== 0 || ((flags & OPEN.create) !== 0 && (flags & OPEN.exclusive) !== 0)
