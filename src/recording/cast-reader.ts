import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { CodedError } from '../std/errors.ts'

const Header = z.looseObject({
  version: z.literal(2),
  width: z.int(),
  height: z.int(),
  command: z.string().catch(''),
  startedAt: z.string(),
  terminal: z.boolean(),
})

/** What a cast file says of itself. */
export interface CastHead {
  readonly columns: number
  readonly rows: number
  readonly command: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly terminal: boolean
  /** Where its events begin, in bytes. */
  readonly end: number
}

const Event = z.tuple([z.number(), z.string(), z.string()])

/** One event of a cast file. */
export interface CastPiece {
  /** Microseconds since the file's beginning. */
  readonly micros: number
  readonly code: string
  readonly text: string
  /** Where the next event begins, in bytes of the file. */
  readonly next: number
}

const CHUNK = 256 * 1024
/** Longest line of a cast file: one output as a socket hands it on, escaped at its widest. */
const MOST_LINE = 16 * 1024 * 1024

/** Reads the first line of a cast file; throws `E_RECORDING_UNREADABLE` where it is none. */
export function readCastHead(file: string): CastHead {
  for (const line of linesFrom(file, 0)) {
    const found = Header.safeParse(jsonOf(line.text))
    if (!found.success) break
    const { width: columns, height: rows, command, startedAt, terminal } = found.data
    return { columns, rows, command, startedAt, terminal, end: line.next }
  }
  throw new CodedError('E_RECORDING_UNREADABLE', {
    clientMessage: `${file} is no recording of a screen; verify tells more`,
  })
}

/** The events of a cast file from a byte that one begins at, as they stand there now; lines that are none are passed over: `verify` tells. */
export function* readCast(file: string, from: number): Generator<CastPiece> {
  for (const { text, next } of linesFrom(file, from)) {
    const event = Event.safeParse(jsonOf(text)).data
    if (event !== undefined) yield { micros: Math.round(event[0] * 1e6), code: event[1], text: event[2], next }
  }
}

/** Where the last event begins that lies at or before a moment; the beginning of the events where there is none. */
export function seekCast(file: string, head: CastHead, micros: number): number {
  const fd = openSync(file, 'r')
  try {
    let [low, high] = [head.end, fstatSync(fd).size]
    while (high - low > CHUNK) {
      const middle = lineAfter(fd, low + Math.floor((high - low) / 2), high)
      if (middle === undefined || middle.micros > micros) high = low + Math.floor((high - low) / 2)
      else low = middle.at
    }
    return low
  } finally {
    closeSync(fd)
  }
}

/** When the last whole event was written, in microseconds since the file's beginning; 0 where there is none. */
export function lastMoment(file: string, head: CastHead): number {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    for (let back = CHUNK; ; back *= 4) {
      const start = Math.max(head.end, size - back)
      const room = Buffer.alloc(Math.max(0, size - start))
      readSync(fd, room, 0, room.length, start)
      const times = [...room.toString('latin1').matchAll(/(?:^|\n)\[(\d+\.\d{6}),"[a-z]",/g)]
      const last = times.at(-1)?.[1]
      if (last !== undefined) return Math.round(Number(last) * 1e6)
      if (start === head.end || back > MOST_LINE) return 0
    }
  } finally {
    closeSync(fd)
  }
}

/** Where the first event begins that lies behind a place; the place itself where none does. */
export function eventBehind(file: string, place: number): number {
  const fd = openSync(file, 'r')
  try {
    return lineAfter(fd, place, fstatSync(fd).size)?.at ?? place
  } finally {
    closeSync(fd)
  }
}

/** The first event that begins behind a place. */
function lineAfter(
  fd: number,
  place: number,
  end: number,
): { readonly at: number; readonly micros: number } | undefined {
  const room = Buffer.alloc(64 * 1024)
  for (let at = place; at < end;) {
    const read = readSync(fd, room, 0, Math.min(room.length, end - at), at)
    const newline = room.subarray(0, read).indexOf(10)
    if (newline >= 0) {
      const start = at + newline + 1
      const length = readSync(fd, room, 0, 40, start)
      const seconds = /^\[(\d+\.\d+),/.exec(room.toString('latin1', 0, length))?.[1]
      return seconds === undefined ? undefined : { at: start, micros: Math.round(Number(seconds) * 1e6) }
    }
    if (read === 0) return undefined
    at += read
  }
  return undefined
}

/** The size that a window had at a place of the file: what the last change before it says, looked for so many bytes back. */
export function sizeAt(
  file: string,
  head: CastHead,
  place: number,
): { readonly columns: number; readonly rows: number } {
  const fd = openSync(file, 'r')
  const room = Buffer.alloc(CHUNK + RESIZED.length)
  try {
    for (let end = place, left = MOST_LOOKED_BACK; end > head.end && left > 0; end -= CHUNK, left -= CHUNK) {
      const start = Math.max(head.end, end - CHUNK)
      const read = readSync(fd, room, 0, Math.min(room.length, place - start), start)
      const found = room.subarray(0, read).lastIndexOf(RESIZED)
      const size = found < 0 ? null : /^,"r","(\d+)x(\d+)"/.exec(room.toString('latin1', found, found + 40))
      if (size !== null) return { columns: Number(size[1]), rows: Number(size[2]) }
    }
    return head
  } finally {
    closeSync(fd)
  }
}

// Inside a text of JSON a quotation mark never follows a comma bare.
const RESIZED = ',"r","'
const MOST_LOOKED_BACK = 256 * 1024 * 1024

interface CastLine {
  readonly text: string
  readonly next: number
}

/** Whole lines from a place on. */
function* linesFrom(file: string, from: number): Generator<CastLine> {
  const fd = openSync(file, 'r')
  try {
    let carry: Buffer = Buffer.alloc(0)
    let start = from
    for (let at = from; ;) {
      const room = Buffer.alloc(CHUNK)
      const read = readSync(fd, room, 0, CHUNK, at)
      if (read === 0) return
      at += read
      const bytes = carry.length === 0 ? room.subarray(0, read) : Buffer.concat([carry, room.subarray(0, read)])
      let done = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, done)) {
        start += end + 1 - done
        yield { text: bytes.toString('utf8', done, end), next: start }
        done = end + 1
      }
      carry = bytes.subarray(done)
      if (carry.length > MOST_LINE) return
    }
  } finally {
    closeSync(fd)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
