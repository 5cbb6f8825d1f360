import { Carry } from '../../bytes/carry.ts'
import { Patch } from '../../bytes/patch.ts'
import { CopyBinary } from './copy-binary.ts'
import { csvCells } from './copy-csv.ts'
import { CopyDelimited } from './copy-delimited.ts'
import { type CopyInput, type CopyLayout, type CopyPlan, MAX_COPY_ROW } from './copy-plan.ts'
import { textCells } from './copy-text.ts'
import { reading } from './protocol-error.ts'
import type { Span } from './rows.ts'

/** Masks the stream that bodies of CopyData make up, whatever pieces it comes in. Rows that are not of the announced shape are a ProtocolError. */
export interface CopyMasker {
  /** Takes the body of one CopyData and gives what can go on: whole rows, none of them cut. May be empty. */
  push(bytes: Buffer): Buffer
  /**
   * The same for a body that lies in a buffer among others, within a patch of that buffer. Gives how many bytes stand in its place then. What is thrown
   * leaves the patch half done.
   */
  patch(body: Span, patch: Patch): number
  /** At CopyDone: what is left. */
  end(): Buffer
  /** Whole rows so far, header not counted. */
  readonly rows: number
}

export function createCopyMasker(plan: CopyPlan): CopyMasker {
  const layout = layoutOf(plan)
  const carry = new Carry(MAX_COPY_ROW)
  const patched = (body: Span, patch: Patch): number => reading('copy', () => patchBody({ layout, carry }, body, patch))
  return {
    push: (bytes) => {
      const patch = new Patch(bytes)
      patched({ buffer: bytes, start: 0, end: bytes.length }, patch)
      return patch.finish(bytes.length)
    },
    patch: patched,
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

interface Progress {
  readonly layout: CopyLayout
  /** The row whose end has not come. */
  readonly carry: Carry
}

function patchBody({ layout, carry }: Progress, { buffer, start, end }: Span, patch: Patch): number {
  const place = patch.placeOf(start)
  if (carry.length > 0) patch.cut(start, end).bytes(maskJoined({ layout, carry }, buffer.subarray(start, end)))
  else {
    const rest = takeRows(layout, { bytes: buffer, start, end }, patch)
    if (rest < end) {
      carry.keep(buffer.subarray(0, end), rest)
      patch.cut(rest, end)
    }
  }
  return patch.placeOf(end) - place
}

function maskJoined({ layout, carry }: Progress, chunk: Buffer): Buffer {
  const bytes = carry.join(chunk)
  const patch = new Patch(bytes)
  const rest = takeRows(layout, { bytes, start: 0, end: bytes.length }, patch)
  carry.keep(bytes, rest)
  return patch.finish(rest)
}

/** Masks whole rows and gives where the one begins whose end has not come. */
function takeRows(layout: CopyLayout, { bytes, start, end }: CopyInput, patch: Patch): number {
  let next = start
  for (let at = next; at >= 0; at = layout.take({ bytes, start: next, end }, patch)) next = at
  return next
}

function maskRest(layout: CopyLayout, carry: Carry): Buffer {
  const rest = carry.join(Buffer.alloc(0))
  const patch = new Patch(rest)
  layout.last(rest, patch)
  return patch.finish(rest.length)
}
