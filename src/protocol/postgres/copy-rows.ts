import { Carry } from '../../bytes/carry.ts'
import { Patch } from '../../bytes/patch.ts'
import { CopyBinary } from './copy-binary.ts'
import { csvCells } from './copy-csv.ts'
import { CopyDelimited } from './copy-delimited.ts'
import { type CopyLayout, type CopyPlan, MAX_COPY_ROW } from './copy-plan.ts'
import { textCells } from './copy-text.ts'
import { reading } from './protocol-error.ts'

/** Masks the stream that bodies of CopyData make up, whatever pieces it comes in. Rows that are not of the announced shape are a ProtocolError. */
export interface CopyMasker {
  /** Takes the body of one CopyData and gives what can go on: whole rows, none of them cut. May be empty. */
  push(bytes: Buffer): Buffer
  /** At CopyDone: what is left. */
  end(): Buffer
  /** Whole rows so far, header not counted. */
  readonly rows: number
}

export function createCopyMasker(plan: CopyPlan): CopyMasker {
  const layout = layoutOf(plan)
  const carry = new Carry(MAX_COPY_ROW)
  return {
    push: (bytes) => reading('copy', () => maskRows(layout, carry, bytes)),
    end: () => reading('copy', () => maskRest(layout, carry)),
    get rows() {
      return layout.rows
    },
  }
}

function layoutOf(plan: CopyPlan): CopyLayout {
  switch (plan.format) {
    case 'text':
      return new CopyDelimited(textCells, plan)
    case 'csv':
      return new CopyDelimited(csvCells, plan)
    case 'binary':
      return new CopyBinary(plan)
  }
}

function maskRows(layout: CopyLayout, carry: Carry, chunk: Buffer): Buffer {
  const bytes = carry.join(chunk)
  const patch = new Patch(bytes)
  let start = 0
  for (let end = layout.take({ bytes, start }, patch); end >= 0; end = layout.take({ bytes, start }, patch)) start = end
  carry.keep(bytes, start)
  return patch.finish(start)
}

function maskRest(layout: CopyLayout, carry: Carry): Buffer {
  const rest = carry.join(Buffer.alloc(0))
  const patch = new Patch(rest)
  layout.last(rest, patch)
  return patch.finish(rest.length)
}
