/** What the stream of an scp says, step by step. */
export type ScpStep =
  /** A file is offered; `name` has the folders of this transfer in front. */
  | { readonly kind: 'file'; readonly name: string; readonly size: number }
  /** A piece of the file that was offered last: a view of the chunk. */
  | { readonly kind: 'content'; readonly bytes: Buffer }
  /** The file is over; not `ok`: one of the sides said so, and some of it may be missing. */
  | { readonly kind: 'end'; readonly ok: boolean }
  /** One side left the protocol; nothing more is told. */
  | { readonly kind: 'lost' }

/** A name of at most 4096 bytes behind a mode and a size. */
const MAX_LINE = 4096 + 64
const MAX_MESSAGE = 64 * 1024
const LINE_END = 0x0a
const FINE = 0
const WARNING = 1
const FATAL = 2

/** What the source waits for an answer to. */
type Asked =
  | { readonly what: 'file'; readonly name: string; readonly size: number }
  | { readonly what: 'folder'; readonly name: string }
  | { readonly what: 'up' | 'times' }
  | { readonly what: 'end'; readonly ok: boolean }

/**
 * Follows the protocol of scp (`C`, `D`, `E`, `T` lines and contents from the source, an answer to each from the sink) without touching it. Both directions must be
 * shown to it in the order in which they pass: whether a file's content follows its line is for the sink to say.
 */
export class ScpFollower {
  readonly #folders: string[] = []
  #asked: Asked | undefined
  #state: 'line' | 'content' | 'status' | 'message' | 'lost' = 'line'
  #left = 0
  #line = Buffer.alloc(0)
  /** Bytes of the sink's message so far; undefined where none is being read. */
  #message: number | undefined

  /** Bytes from the side that has the files. */
  source(chunk: Buffer): readonly ScpStep[] {
    const steps: ScpStep[] = []
    for (let at = 0; at < chunk.length && this.#state !== 'lost';) at = this.#sourceStep(chunk, at, steps)
    return steps
  }

  /** Bytes from the side that takes them. */
  sink(chunk: Buffer): readonly ScpStep[] {
    const steps: ScpStep[] = []
    for (let at = 0; at < chunk.length && this.#state !== 'lost';) at = this.#sinkStep(chunk, at, steps)
    return steps
  }

  #sourceStep(chunk: Buffer, at: number, steps: ScpStep[]): number {
    // Whoever sends on without waiting for the answer is no scp.
    if (this.#asked !== undefined) return this.#lose(chunk, steps)
    switch (this.#state) {
      case 'content':
        return this.#content(chunk, at, steps)
      case 'status':
        return this.#status(chunk, at, steps)
      case 'message':
        return this.#sourceMessage(chunk, at, steps)
      default:
        return this.#gather(chunk, at, steps)
    }
  }

  #content(chunk: Buffer, at: number, steps: ScpStep[]): number {
    const end = Math.min(chunk.length, at + this.#left)
    this.#left -= end - at
    if (this.#left === 0) this.#state = 'status'
    steps.push({ kind: 'content', bytes: chunk.subarray(at, end) })
    return end
  }

  /** Behind the content the source says whether it could read all of it. */
  #status(chunk: Buffer, at: number, steps: ScpStep[]): number {
    const code = chunk[at]
    if (code !== FINE && code !== WARNING && code !== FATAL) return this.#lose(chunk, steps)
    this.#state = code === FINE ? 'line' : 'message'
    if (code === FINE) this.#asked = { what: 'end', ok: true }
    else this.#left = MAX_MESSAGE
    return at + 1
  }

  #sourceMessage(chunk: Buffer, at: number, steps: ScpStep[]): number {
    const end = chunk.indexOf(LINE_END, at)
    this.#left -= (end < 0 ? chunk.length : end) - at
    if (this.#left < 0) return this.#lose(chunk, steps)
    if (end < 0) return chunk.length
    this.#state = 'line'
    this.#asked = { what: 'end', ok: false }
    return end + 1
  }

  #gather(chunk: Buffer, at: number, steps: ScpStep[]): number {
    const end = chunk.indexOf(LINE_END, at)
    const piece = chunk.subarray(at, end < 0 ? chunk.length : end)
    if (this.#line.length + piece.length > MAX_LINE) return this.#lose(chunk, steps)
    const line = Buffer.concat([this.#line, piece])
    this.#line = end < 0 ? line : Buffer.alloc(0)
    if (end < 0) return chunk.length
    return this.#takeLine(line) ? end + 1 : this.#lose(chunk, steps)
  }

  #takeLine(line: Buffer): boolean {
    const text = line.toString('utf8')
    const first = line[0]
    // A word of the source about something that it could not read; it waits for no answer.
    if (first === WARNING || first === FATAL) return true
    if (text === 'E') this.#asked = { what: 'up' }
    else if (/^T\d{1,20} \d{1,9} \d{1,20} \d{1,9}$/.test(text)) this.#asked = { what: 'times' }
    else this.#asked = offered(text)
    return this.#asked !== undefined
  }

  #sinkStep(chunk: Buffer, at: number, steps: ScpStep[]): number {
    if (this.#message !== undefined) return this.#sinkMessage(chunk, at, steps)
    const code = chunk[at]
    if (code === FINE) this.#answered(true, steps)
    else if (code === WARNING || code === FATAL) this.#message = 0
    else return this.#lose(chunk, steps)
    return at + 1
  }

  #sinkMessage(chunk: Buffer, at: number, steps: ScpStep[]): number {
    const end = chunk.indexOf(LINE_END, at)
    this.#message = (this.#message ?? 0) + (end < 0 ? chunk.length : end) - at
    if (this.#message > MAX_MESSAGE) return this.#lose(chunk, steps)
    if (end < 0) return chunk.length
    this.#message = undefined
    this.#answered(false, steps)
    return end + 1
  }

  /** The first answer comes before there is a question. */
  #answered(ok: boolean, steps: ScpStep[]): void {
    const asked = this.#asked
    this.#asked = undefined
    switch (asked?.what) {
      case 'file': {
        this.#begin(asked, ok, steps)
        return
      }
      case 'folder':
        if (ok) this.#folders.push(asked.name)
        return
      case 'up':
        this.#folders.pop()
        return
      case 'end':
        steps.push({ kind: 'end', ok: ok && asked.ok })
        return
      case 'times':
      case undefined:
    }
  }

  /** A file that the sink refuses is not sent. */
  #begin({ name, size }: Extract<Asked, { what: 'file' }>, ok: boolean, steps: ScpStep[]): void {
    steps.push({ kind: 'file', name: [...this.#folders, name].join('/'), size })
    if (!ok) steps.push({ kind: 'end', ok: false })
    if (!ok) return
    this.#left = size
    this.#state = size === 0 ? 'status' : 'content'
  }

  #lose(chunk: Buffer, steps: ScpStep[]): number {
    this.#state = 'lost'
    steps.push({ kind: 'lost' })
    return chunk.length
  }
}

/** `C0644 123 name`, `D0755 0 name`. */
function offered(text: string): Asked | undefined {
  const [, kind, size, name] = /^([CD])[0-7]{4,5} (\d{1,16}) ([^\n]+)$/.exec(text) ?? []
  if (name === undefined || Number(size) > Number.MAX_SAFE_INTEGER) return undefined
  return kind === 'C' ? { what: 'file', name, size: Number(size) } : { what: 'folder', name }
}
