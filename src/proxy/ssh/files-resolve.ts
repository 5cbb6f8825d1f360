import { STATUS } from '../../protocol/ssh/sftp-numbers.ts'
import { entryOf, isPlainPath, lexical, within } from '../../protocol/ssh/sftp-path.ts'
import type { SftpPacket } from '../../protocol/ssh/sftp-framing.ts'
import { writeRequest } from '../../protocol/ssh/sftp-write-request.ts'
import type { SftpReply } from '../../protocol/ssh/sftp-replies.ts'
import { deferred } from '../../std/deferred.ts'
import type { Exchange } from './files-exchange.ts'

/** Where a path leads at the target. */
export type Resolution =
  /** `real` is false where the target does not tell: the path is then what its text says, links unseen. */
  | { readonly outcome: 'path'; readonly path: string; readonly real: boolean }
  /** The target's own refusal, to be told to the client as it is. */
  | { readonly outcome: 'status'; readonly code: number; readonly packet: SftpPacket }
  /** The last part of the path is no name. */
  | { readonly outcome: 'nameless' }
  | { readonly outcome: 'lost' }

/** How the last part of a path is taken: followed where it is a link, or as the name of the link itself. */
export type Reach = 'followed' | 'entry'

/** Asks the target, by REALPATH, where paths lead. What is judged and what is sent is the answer. */
export class Resolver {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  async resolve(path: string, reach: Reach): Promise<Resolution> {
    if (reach === 'followed') return this.#ask(path)
    const entry = entryOf(path)
    if (entry === undefined) return { outcome: 'nameless' }
    const parent = await this.#ask(entry.parent)
    return parent.outcome === 'path' ? { ...parent, path: within(parent.path, entry.name) } : parent
  }

  /** What a link that lies at `link` leads to; nothing needs to be there. */
  async leadsTo(link: string, target: string): Promise<string> {
    const path = lexical(within(link, '..'), target)
    const found = await this.#ask(path)
    return found.outcome === 'path' ? found.path : path
  }

  async #ask(path: string): Promise<Resolution> {
    const found = deferred<Resolution>()
    this.#exchange.ride(writeRequest({ name: 'realpath', id: 0, path }), {
      expects: 'name',
      answered: (reply, packet) => found.resolve(resolutionOf(reply, packet, path)),
      lost: () => found.resolve({ outcome: 'lost' }),
    })
    return found.promise
  }
}

function resolutionOf(reply: SftpReply, packet: SftpPacket, path: string): Resolution {
  if (reply.name === 'name' && reply.count === 1 && reply.first !== undefined && isPlainPath(reply.first))
    return { outcome: 'path', path: reply.first, real: true }
  if (reply.name === 'status' && reply.code !== STATUS.unsupported && reply.code !== STATUS.ok)
    return { outcome: 'status', code: reply.code, packet }
  return { outcome: 'path', path: path.startsWith('/') ? lexical('/', path) : path, real: false }
}
