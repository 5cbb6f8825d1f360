import { readCast, type CastHead, type CastPiece } from './cast-reader.ts'
import { lineText, type ScreenLine } from './screen-cells.ts'
import { Screen } from './screen.ts'

/** What changed on a screen since the frame before; the first of a reel tells every line. */
export interface Frame {
  /** Since the beginning of the cast file. */
  readonly ms: number
  readonly columns: number
  readonly rows: number
  readonly cursor: readonly [row: number, column: number]
  readonly isAlternate: boolean
  readonly lines: readonly (readonly [row: number, line: ScreenLine])[]
  /** What was marked at this moment. */
  readonly marks: readonly string[]
}

/** Output that comes closer together is one frame: thirty a second are more than an eye needs. */
const FRAME_MICROS = 33_000
/** Output that is taken in between two looks at the lines that left the screen at its top. */
const SLICE = 8 * 1024
/** A slice of newlines alone leaves so many lines. */
const SCROLLBACK = SLICE + 1000

/** A cast file with an emulator at one place of it, going on from there. */
export class Reel {
  readonly #file: string
  readonly #screen: Screen
  readonly #shown = new Map<number, string>()
  #size = ''
  #isOver = false
  /** Byte of the file that is read next. */
  position: number

  constructor(of: { file: string; head: CastHead; from: number; size: { columns: number; rows: number } }) {
    const { file, head, from, size } = of
    this.#file = file
    this.position = from
    this.#screen = new Screen({ columns: size.columns, rows: size.rows, terminal: head.terminal })
  }

  /** Frames from here on, as far as the file goes now. `until`: only up to this moment, as one frame. */
  async *frames(until?: number): AsyncGenerator<Frame> {
    let marks: string[] = []
    let last: CastPiece | undefined
    for (const piece of readCast(this.#file, this.position)) {
      if (until !== undefined && piece.micros > until) break
      if (last !== undefined && until === undefined && piece.micros - last.micros >= FRAME_MICROS) {
        yield this.#frame(last.micros, marks)
        marks = []
        last = undefined
      }
      // The first piece of a frame says when it was: a line that grows slowly still shows its growth.
      last ??= piece
      if (piece.code === 'm') marks.push(piece.text)
      await this.#take(piece)
      this.position = piece.next
      if (this.#isOver) return
    }
    if (last !== undefined || until !== undefined) yield this.#frame(until ?? last?.micros ?? 0, marks)
  }

  /** Goes on to a place of the file and tells nothing of what comes before it. */
  async skipTo(place: number): Promise<void> {
    for (const piece of readCast(this.#file, this.position)) {
      if (this.#isOver || this.position >= place) return
      await this.#take(piece)
      this.position = piece.next
    }
  }

  /** What the screen shows here. */
  now(ms: number): Frame {
    this.tellAll()
    return this.#frame(ms * 1000, [])
  }

  /** Forgets what was told: the next frame tells every line. */
  tellAll(): void {
    this.#shown.clear()
    this.#size = ''
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#screen.close()
  }

  async #take({ code, text }: CastPiece): Promise<void> {
    if (code === 'o') await this.#screen.write(text)
    const size = code === 'r' ? /^(\d{1,5})x(\d{1,5})$/.exec(text) : null
    if (size !== null) this.#screen.resize(Number(size[1]), Number(size[2]))
  }

  #frame(micros: number, marks: readonly string[]): Frame {
    const { columns, rows, lines, cursor, isAlternate } = this.#screen.picture()
    const size = `${columns}x${rows}`
    if (size !== this.#size) this.#shown.clear()
    this.#size = size
    const changed = lines.flatMap((line, row) => {
      const told = JSON.stringify(line)
      if (this.#shown.get(row) === told) return []
      this.#shown.set(row, told)
      return [[row, line] as const]
    })
    return { ms: micros / 1000, columns, rows, cursor: [cursor.row, cursor.column], isAlternate, lines: changed, marks }
  }
}

/** A line of a screen with a text in it. */
export interface Sight {
  readonly ms: number
  readonly line: string
}

/** Finds a text in what stood on the screen, in any case, also where it has been overwritten or has scrolled away since. */
export class ScreenSearch {
  readonly #file: string
  readonly #needle: string
  readonly #screen: Screen
  #before = new Set<string>()
  position: number

  constructor(of: { file: string; head: CastHead; text: string; from?: number }) {
    const { file, head, text, from = head.end } = of
    this.#file = file
    this.#needle = text.toLowerCase()
    this.position = from
    this.#screen = new Screen({ ...head, scrollback: SCROLLBACK })
  }

  /** Sights in the next part of the file; undefined at its end as it stands. */
  async next(bytes: number): Promise<readonly Sight[] | undefined> {
    const begun = this.position
    const found: Sight[] = []
    let [looked, taken, last] = [-Infinity, 0, 0]
    for (const { code, text, micros, next } of readCast(this.#file, begun)) {
      for (let at = 0; code === 'o' && at < text.length; at += SLICE) {
        const slice = text.slice(at, at + SLICE)
        await this.#screen.write(slice)
        taken += slice.length
        if (micros - looked < FRAME_MICROS && taken < SLICE) continue
        found.push(...this.#sights(micros))
        ;[looked, taken] = [micros, 0]
      }
      last = micros
      this.position = next
      if (next - begun >= bytes) break
    }
    found.push(...this.#sights(last))
    return this.position === begun ? undefined : found
  }

  close(): void {
    this.#screen.close()
  }

  #sights(micros: number): readonly Sight[] {
    const found: Sight[] = []
    const now = new Set<string>()
    for (const line of this.#lines()) {
      if (!line.toLowerCase().includes(this.#needle)) continue
      now.add(line)
      if (!this.#before.has(line)) found.push({ ms: micros / 1000, line })
    }
    this.#before = now
    return found
  }

  /** What is on the screen, and what left it at the top since the last look. */
  *#lines(): Generator<string> {
    yield* this.#screen.departed()
    for (const line of this.#screen.picture().lines) yield lineText(line)
  }
}
