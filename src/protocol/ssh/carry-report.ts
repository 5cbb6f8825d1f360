import { BytesError } from '../../bytes/bytes-error.ts'
import { decodeUtf8 } from '../../bytes/utf8.ts'

/** What a line said of what it leaves behind, as it said it. */
export interface Report {
  readonly turn: number
  /** `missing`: the directory was gone, and the line did not run. `spoilt`: it cannot be read, or says too much. */
  readonly kind: 'told' | 'missing' | 'spoilt'
  readonly status: number
  readonly umask: string
  /** What TERM was before the line. */
  readonly term: string
  readonly directory: string
  readonly previous: string | undefined
  readonly stack: readonly string[]
  /** Undefined where there was more than may be told. */
  readonly exported: ReadonlyMap<string, string> | undefined
}

/** Longest field; the longest report is shorter. */
const MAX_FIELD = 65_536
/** Fields of one report: variables and entries of the directory stack. */
const MAX_FIELDS = 2_000
const MAX_PATH = 4_096
/** Entries of the directory stack that are carried on, the nearest ones. */
const MAX_STACK = 8

/** Path of the fifo that a listener opened, or a report. */
export type Heard = { readonly kind: 'fifo'; readonly path: string } | Report

/**
 * Reads what comes back on the side channel. It comes from the target, and could be anything: it is bounded, and whatever is not exactly a report is nothing.
 */
export class ReportReader {
  #waiting: Buffer = Buffer.alloc(0)
  #fields: string[] | undefined
  #spoilt = false
  /** Within a field that is too long: the rest of it is passed over. */
  #skipping = false

  push(chunk: Buffer): readonly Heard[] {
    const heard: Heard[] = []
    let rest = Buffer.concat([this.#waiting, chunk])
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const found = this.#field(rest.subarray(0, end))
      if (found !== undefined) heard.push(found)
      rest = rest.subarray(end + 1)
    }
    if (rest.length > MAX_FIELD) this.#skipping = true
    this.#waiting = this.#skipping ? Buffer.alloc(0) : Buffer.from(rest)
    return heard
  }

  #field(bytes: Buffer): Heard | undefined {
    const text = this.#skipping ? undefined : decoded(bytes)
    this.#skipping = false
    if (text === undefined) {
      this.#spoilt = true
      return undefined
    }
    const [, word = '', value = ''] = /^([a-z]+) ?([^]*)$/.exec(text) ?? []
    switch (word) {
      case 'fifo':
        return isPath(value) ? { kind: 'fifo', path: value } : undefined
      case 'begin':
        this.#fields = []
        this.#spoilt = false
        return undefined
      case 'missing':
        return isTurn(value) ? { ...NOTHING, kind: 'missing', turn: Number(value) } : undefined
      case 'end':
        return this.#end(value)
      default:
        this.#keep(text)
        return undefined
    }
  }

  #keep(text: string): void {
    if (this.#fields === undefined) return
    if (this.#fields.length >= MAX_FIELDS) this.#spoilt = true
    else this.#fields.push(text)
  }

  #end(value: string): Report | undefined {
    const fields = this.#fields
    this.#fields = undefined
    if (fields === undefined || !isTurn(value)) return undefined
    const turn = Number(value)
    return (this.#spoilt ? undefined : reportOf(fields, turn)) ?? { ...NOTHING, kind: 'spoilt', turn }
  }
}

const NOTHING: Omit<Report, 'turn' | 'kind'> = {
  status: 0,
  umask: '',
  term: '',
  directory: '',
  previous: undefined,
  stack: [],
  exported: undefined,
}

function decoded(bytes: Buffer): string | undefined {
  if (bytes.length > MAX_FIELD) return undefined
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    if (error instanceof BytesError) return undefined
    throw error
  }
}

const isTurn = (value: string): boolean => /^\d{1,9}$/.test(value)

const isPath = (value: string): boolean => value.startsWith('/') && value.length <= MAX_PATH

function reportOf(fields: readonly string[], turn: number): Report | undefined {
  const of = (word: string): string[] =>
    fields.filter((field) => field.startsWith(`${word} `)).map((field) => field.slice(word.length + 1))
  const [status = ''] = of('status')
  const [umask = ''] = of('umask')
  const [directory = ''] = of('directory')
  const [previous] = of('previous')
  const stack = of('stack').slice(0, MAX_STACK)
  const exported = fields.includes('large') ? undefined : variables(of('export'))
  const isSound = /^\d{1,3}$/.test(status) && /^0?[0-7]{3}$/.test(umask) && isPath(directory)
  if (!isSound || !stack.every(isPath)) return undefined
  if (previous !== undefined && !isPath(previous)) return undefined
  return {
    turn,
    kind: 'told',
    status: Number(status),
    umask,
    term: of('term')[0] ?? '',
    directory,
    previous,
    stack,
    exported,
  }
}

function variables(entries: readonly string[]): ReadonlyMap<string, string> {
  const all = new Map<string, string>()
  for (const entry of entries) {
    const equals = entry.indexOf('=')
    if (equals > 0) all.set(entry.slice(0, equals), entry.slice(equals + 1))
  }
  return all
}
