import type { MaskShape, ResultColumn } from '../model/column.ts'
import { cellGlance, type CellGlance } from './glance.ts'
import { detectCell, needsCellScan } from './detect.ts'
import { BPCHAR, CHAR, isTextType } from './oids.ts'
import { findPans } from './pan.ts'
import { isPlainPan, SHOWN_HEAD, starPlain } from './plain-pan.ts'
import { showPan } from './scrub.ts'

/** What becomes of one cell; null is SQL NULL. Never called for a cell that is NULL already. */
export type CellMask = (cell: Buffer) => Buffer | null

export interface CellMaskDeps {
  /** Keyed tag of a value for the shape `token`: equal values, equal tags; the key never leaves the node. */
  readonly tag: (value: string) => string
  /** A mask threw and its cell became NULL. */
  readonly onFault: () => void
}

/** Masks by column. Every mask keeps the wire type and none throws. */
export interface CellMasks {
  /** For each cell of a column by its treatment; undefined where `mayHoldPan` over the whole row is enough to call `detect`. */
  readonly cellMask: (column: ResultColumn) => CellMask | undefined
  /** `detectCell` for one column: for the cells of a suspicious row that `cellMask` left alone. */
  readonly detect: (column: ResultColumn) => CellMask
  /** A short way to the answers of both for most cells; undefined where there is none. */
  readonly glance: (column: ResultColumn) => CellGlance | undefined
}

const HIDE = '***'
/** Shared by all cells: whoever gets it copies it. */
const HIDDEN = Buffer.from(HIDE)
// What is not a card number in a column of card numbers says nothing about itself, not even its length.
const UNREADABLE = '****'

const toNull: CellMask = () => null

export function createCellMasks({ tag, onFault }: CellMaskDeps): CellMasks {
  const detect = (column: ResultColumn): CellMask => safely((cell) => detectCell(column, cell), onFault)
  return {
    detect,
    glance: cellGlance,
    cellMask: (column) => {
      switch (column.treatment.kind) {
        case 'clear':
          return needsCellScan(column) ? detect(column) : undefined
        case 'hidden':
          return toNull
        case 'mask':
          if (!isTextType(column.typeOid) || column.treatment.shape === 'null') return toNull
          return safely(shaped(column.typeOid, column.treatment.shape, tag), onFault)
      }
    },
  }
}

function safely(mask: CellMask, onFault: () => void): CellMask {
  return (cell) => {
    try {
      return mask(cell)
    } catch {
      onFault()
      return null
    }
  }
}

type Shaper = (text: string) => string

function shaper(shape: Exclude<MaskShape, 'null'>, tag: (value: string) => string): Shaper {
  switch (shape) {
    case 'hide':
      return () => HIDE
    case 'token':
      return (text) => `tok_${tag(panIn(text)?.digits ?? text)}`
    case 'bin+last4':
    case 'last4':
      return (text) => {
        const hit = panIn(text)
        return hit === undefined ? UNREADABLE : showPan(text, hit, shape)
      }
  }
}

/** The card number that the whole text is, blanks around it aside. */
function panIn(text: string) {
  const [hit, ...more] = findPans(text)
  if (hit?.kind !== 'pan' || more.length > 0) return undefined
  return hit.end - hit.start === text.trim().length ? hit : undefined
}

/** The mask of a text type. What is plainly one card number takes a short way to the same result. */
function shaped(typeOid: number, shape: Exclude<MaskShape, 'null'>, tag: (value: string) => string): CellMask {
  if (shape === 'hide' && typeOid !== CHAR && typeOid !== BPCHAR) return () => HIDDEN
  const mask = fitted(typeOid, shaper(shape, tag))
  if (typeOid === CHAR || (shape !== 'bin+last4' && shape !== 'last4')) return mask
  const head = SHOWN_HEAD[shape]
  return (cell) => (isPlainPan(cell) ? starPlain(cell, head) : mask(cell))
}

/** The shape as bytes of a type: bpchar keeps its padded width in characters, "char" its single one. */
function fitted(typeOid: number, shape: Shaper): CellMask {
  if (typeOid === CHAR) return () => Buffer.from('*')
  return (cell) => {
    const text = cell.toString('utf8')
    if (typeOid !== BPCHAR) return Buffer.from(shape(text), 'utf8')
    const width = Array.from(text).length
    return Buffer.from(shape(text.trimEnd()).slice(0, width).padEnd(width), 'utf8')
  }
}
