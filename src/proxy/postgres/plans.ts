import type { Catalog } from '../../model/catalog.ts'
import type { ResultColumn } from '../../model/column.ts'
import type { Output } from '../../model/lineage.ts'
import type { CellMasks } from '../../mask/cell.ts'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import type { BackendFrame } from '../../protocol/postgres/framing.ts'
import { formatAt, type RowField } from '../../protocol/postgres/messages.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import { rewriteColumnNames } from '../../protocol/postgres/row-description.ts'
import { rowPlan, type MaskCount, type RowPlan } from './row-plan.ts'
import type { BoundPortal, Description, Execution, Run } from './run.ts'

export interface PlansDeps {
  /** What is to become of each column, by its origin and by what the statement may show. */
  readonly columnsOf: (
    fields: readonly RowField[],
    output: Output,
    catalog: Catalog | undefined,
  ) => readonly ResultColumn[]
  readonly catalog: () => Catalog | undefined
  readonly cells: CellMasks
  readonly scrubName: (name: string) => string
}

interface LastPlan {
  readonly raw: Buffer
  readonly output: Output['kind']
  readonly catalog: Catalog | undefined
  readonly plan: RowPlan
}

interface LastShown {
  readonly raw: Buffer
  /** Undefined: as it came. */
  readonly shown: Buffer | undefined
}

const HIDDEN: Output = { kind: 'origin' }

/** How each result is to be masked, from what the upstream says of its columns. */
export class Plans {
  readonly #deps: PlansDeps
  readonly #count: MaskCount = { masked: 0, pans: 0 }
  /** Applications repeat themselves: the same description for the same kind of output gives the same plan. */
  #last: LastPlan | undefined
  #lastShown: LastShown | undefined

  constructor(deps: PlansDeps) {
    this.#deps = deps
  }

  /** RowDescription, NoData and ParameterDescription: remembered, and shown with scrubbed column names. */
  describe(frame: BackendFrame, head: Expected<Run> | undefined): Buffer {
    const run = head !== undefined && 'run' in head ? head.run : undefined
    if (frame.name === 'noData') return this.#noData(frame, run)
    if (frame.name === 'parameterDescription') return parameters({ ...frame, name: frame.name }, run)
    if (frame.name !== 'rowDescription' || run === undefined)
      throw new ProtocolError('a description that nothing asked for')
    const described = { ...frame, name: frame.name }
    if (run.kind === 'execution') run.plan = this.#planFor(described, outputOf(run))
    else this.#describeNames(described, run)
    return this.#shown(described)
  }

  #shown(frame: BackendFrame<'rowDescription'>): Buffer {
    if (this.#lastShown?.raw.equals(frame.bytes) === true) return this.#lastShown.shown ?? frame.bytes
    const shown = rewriteColumnNames(frame, this.#deps.scrubName)
    // A copy: the frame is a view that would keep its whole chunk alive.
    this.#lastShown = { raw: Buffer.from(frame.bytes), shown: shown === frame.bytes ? undefined : shown }
    return shown
  }

  /** The plan of work whose rows arrive: its portal's, or its statement's description in the formats of its Bind. */
  planOf(run: Execution): RowPlan {
    const { portal } = run
    const plan = portal?.plan ?? (portal === undefined ? undefined : this.#fromStatement(portal, run))
    if (plan === undefined) throw new ProtocolError('rows without a description')
    return plan
  }

  /** Adds what the masks did with the last row. */
  countInto(run: { masked: number; pans: number }): void {
    run.masked += this.#count.masked
    run.pans += this.#count.pans
    this.#count.masked = 0
    this.#count.pans = 0
  }

  plan(columns: readonly ResultColumn[]): RowPlan {
    return rowPlan(columns, this.#deps.cells, this.#count)
  }

  #describeNames(frame: BackendFrame<'rowDescription'>, run: Description): void {
    const { prepared, portal } = run
    if (portal !== undefined) portal.plan = this.#planFor(frame, portal.cleared.facts[0]?.output ?? HIDDEN)
    else prepared.description = { fields: decodeBackend(frame).fields, moment: run.moment }
  }

  #noData(frame: BackendFrame, run: Run | undefined): Buffer {
    if (run?.kind === 'description' && run.portal !== undefined) run.portal.plan = this.plan([])
    else if (run?.kind === 'description') run.prepared.description = { fields: [], moment: run.moment }
    return frame.bytes
  }

  #fromStatement(portal: BoundPortal, run: Execution): RowPlan | undefined {
    const { description } = portal.prepared
    if (description === undefined || description.moment !== portal.moment) return undefined
    const fields = description.fields.map((field, at) => ({ ...field, format: formatAt(portal.resultFormats, at) }))
    portal.plan = this.plan(this.#deps.columnsOf(fields, outputOf(run), this.#deps.catalog()))
    return portal.plan
  }

  #planFor(frame: BackendFrame<'rowDescription'>, output: Output): RowPlan {
    const catalog = this.#deps.catalog()
    const last = this.#last
    if (last !== undefined && last.output === output.kind && last.catalog === catalog && last.raw.equals(frame.bytes))
      return last.plan
    const plan = this.plan(this.#deps.columnsOf(decodeBackend(frame).fields, output, catalog))
    this.#last = { raw: Buffer.from(frame.bytes), output: output.kind, catalog, plan }
    return plan
  }
}

/** What the statement that runs now may show; beyond what was judged, nothing. */
const outputOf = (run: Execution): Output => run.facts[run.portal === undefined ? run.index : 0]?.output ?? HIDDEN

function parameters(frame: BackendFrame<'parameterDescription'>, run: Run | undefined): Buffer {
  if (run?.kind === 'description') run.prepared.parameterTypes = decodeBackend(frame).types
  return frame.bytes
}
