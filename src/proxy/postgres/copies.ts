import type { Catalog, Relation } from '../../model/catalog.ts'
import type { ResultColumn } from '../../model/column.ts'
import type { CopyUse } from '../../model/facts.ts'
import { mayHoldPan } from '../../mask/prefilter.ts'
import { createScrubber } from '../../mask/stream.ts'
import { createCopyMasker } from '../../protocol/postgres/copy-rows.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'
import type { BackendFrame } from '../../protocol/postgres/framing.ts'
import type { Format, RowField } from '../../protocol/postgres/messages.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import type { Span } from '../../protocol/postgres/rows.ts'
import type { Outlet } from '../outlet.ts'
import type { Plans, PlansDeps } from './plans.ts'
import type { CopyMask, Execution, Run } from './run.ts'
import type { Tracking } from './tracking.ts'

export interface CopiesDeps {
  readonly tracking: Tracking
  readonly plans: Plans
  readonly catalog: () => Catalog | undefined
  /** What becomes of each column, by its origin. */
  readonly columnsOf: PlansDeps['columnsOf']
  readonly scrubName: (name: string) => string
}

/** Tag and length of a frame. */
const HEADER = 5
const NOTHING = Buffer.alloc(0)

/** COPY between the upstream and the client: opens what was cleared, masks what leaves. */
export class Copies {
  readonly #deps: CopiesDeps

  constructor(deps: CopiesDeps) {
    this.#deps = deps
  }

  /** The frame as the client may see it; nothing where its bytes are kept back. */
  shown(frame: BackendFrame, head: Expected<Run> | undefined): Buffer {
    const run = copying(head)
    switch (frame.name) {
      case 'copyInResponse':
        return this.#openIn(frame, run)
      case 'copyOutResponse':
        return this.#openOut(frame, run)
      default:
        return this.#ends(frame, run)
    }
  }

  /**
   * Adds the CopyData in this span to what goes to the client, as it may see it: in the patch of the buffer that it came in, so that thousands of them leave
   * as one slice. Nothing is added where all its bytes are kept back, or where it is no part of a COPY and ProtocolError is thrown.
   */
  pass({ buffer, start, end }: Span, head: Expected<Run> | undefined, client: Outlet): void {
    const run = copying(head)
    if (run.copy === undefined) throw outside()
    const patch = client.patchFrom(buffer, start)
    const lengthAt = patch.placeOf(start + 1)
    const length = run.copy.patch({ buffer, start: start + HEADER, end }, patch)
    this.#deps.plans.countInto(run)
    run.bytes += length
    if (length === 0) return
    if (length !== end - start - HEADER) patch.patchI32(lengthAt, 4 + length)
    client.pass(buffer, start, end)
  }

  #openIn(frame: BackendFrame, run: Execution): Buffer {
    if (copyOf(run)?.direction !== 'in') throw new ProtocolError('a COPY that was not cleared')
    run.copyOpened = true
    this.#deps.tracking.copyIn = run
    // A Sync that was sent already is ignored while data comes: the segment is still open.
    if (run.portal !== undefined) this.#deps.tracking.segmentSent = true
    return frame.bytes
  }

  #openOut(frame: BackendFrame, run: Execution): Buffer {
    const copy = copyOf(run)
    if (copy?.direction !== 'out') throw new ProtocolError('a COPY that was not cleared')
    run.copy = this.#maskOf(copy)
    return frame.bytes
  }

  #ends(frame: BackendFrame, run: Execution): Buffer {
    const rest = dataFrame(run.copy?.end() ?? NOTHING)
    run.copy = undefined
    return rest.length === 0 ? frame.bytes : Buffer.concat([rest, frame.bytes])
  }

  /** Cell by cell where the table is known, otherwise as a stream: the screen lets no tagged column come this way. */
  #maskOf(copy: CopyUse): CopyMask {
    const columns = this.#columnsOf(copy)
    if (columns === undefined) return streamMask()
    const { format, header } = copy
    const { masks, glances, everyRow } = this.#deps.plans.plan(columns)
    const suspects = everyRow ? undefined : mayHoldPan
    return createCopyMasker({ format, header, masks, glances, suspects, scrubName: this.#deps.scrubName })
  }

  #columnsOf(copy: CopyUse): readonly ResultColumn[] | undefined {
    const { table, standardOptions, format } = copy
    if (table === undefined || !standardOptions) return undefined
    const catalog = this.#deps.catalog()
    const relation = catalog?.relations.find((one) => one.oid === table.oid)
    if (relation === undefined) throw new ProtocolError('a COPY of a table that nobody knows')
    const fields = table.columns.map((name) => fieldOf(relation, name, format === 'binary' ? 'binary' : 'text'))
    return this.#deps.columnsOf(fields, { kind: 'origin' }, catalog)
  }
}

/** A column as a RowDescription would announce it; COPY announces none, but its columns are the table's own. */
function fieldOf(relation: Relation, name: string, format: Format): RowField {
  const column = relation.columns.find((one) => one.name === name)
  const { attnum = 0, typeOid = 0 } = column ?? {}
  return { name, tableOid: relation.oid, attnum, typeOid, typeSize: -1, typeModifier: -1, format }
}

function streamMask(): CopyMask {
  const scrubber = createScrubber()
  return {
    patch: ({ buffer, start, end }, patch) => {
      const bytes = buffer.subarray(start, end)
      const shown = scrubber.push(bytes)
      if (!isSame(bytes, shown)) patch.cut(start, end).bytes(shown)
      return shown.length
    },
    end: () => scrubber.flush(),
  }
}

/** Whether a view is of the same bytes in memory. */
const isSame = (bytes: Buffer, view: Buffer): boolean =>
  bytes.buffer === view.buffer && bytes.byteOffset === view.byteOffset && bytes.length === view.length

const outside = (): ProtocolError => new ProtocolError('copy data outside a COPY')

const copyOf = (run: Execution): CopyUse | undefined => run.facts[run.portal === undefined ? run.index : 0]?.copy

function copying(head: Expected<Run> | undefined): Execution {
  if ((head?.kind === 'execute' || head?.kind === 'query') && head.run.kind === 'execution') return head.run
  throw new ProtocolError('a COPY that nothing asked for')
}

const dataFrame = (bytes: Buffer): Buffer => (bytes.length === 0 ? NOTHING : encodeBackend({ name: 'copyData', bytes }))
