import type { Sample } from './measures.ts'
import { ROUTES, type RouteName } from './route.ts'
import { median, spread, type Spread } from './statistics.ts'

/** All rounds of one measure. */
export interface Line {
  readonly measure: string
  readonly unit: string
  /** Medians over the rounds. */
  readonly medians: Readonly<Partial<Record<RouteName, number>>>
  /** Countersign's value divided by another route's of the same round. */
  readonly ratios: Readonly<Partial<Record<RouteName, Spread>>>
}

/** Brings the samples of one measure together, in the order in which measures first came. */
export function linesOf(samples: readonly Sample[]): readonly Line[] {
  const groups = Map.groupBy(samples, (sample) => sample.measure)
  return [...groups].map(([measure, of]) => ({
    measure,
    unit: of[0]?.unit ?? '',
    medians: Object.fromEntries(
      ROUTES.filter((route) => of.some((one) => one.route === route)).map((route) => [
        route,
        median(valuesOf(of, route)),
      ]),
    ),
    ratios: Object.fromEntries(
      ROUTES.filter((route) => route !== 'countersign').flatMap((route) => {
        const ratios = ratiosTo(of, route)
        return ratios.length === 0 ? [] : [[route, spread(ratios)]]
      }),
    ),
  }))
}

const valuesOf = (samples: readonly Sample[], route: RouteName): readonly number[] =>
  samples.filter((one) => one.route === route).map((one) => one.value)

/** Within a round only: what disturbs the machine disturbs neighbours alike. */
function ratiosTo(samples: readonly Sample[], route: RouteName): readonly number[] {
  return samples
    .filter((one) => one.route === route && one.value > 0)
    .flatMap((other) => {
      const own = samples.find((one) => one.route === 'countersign' && one.round === other.round)
      return own === undefined ? [] : [own.value / other.value]
    })
}

/** The table that people read. */
export function tableOf(lines: readonly Line[]): string {
  const head = ['measure', 'unit', ...ROUTES, 'to direct', '', '', 'to pgbouncer', '', '']
  const below = ['', '', ...ROUTES.map(() => 'median'), ...['min', 'median', 'max'], ...['min', 'median', 'max']]
  const rows = lines.map(({ measure, unit, medians, ratios }) => [
    measure,
    unit,
    ...ROUTES.map((route) => number(medians[route])),
    ...three(ratios.direct),
    ...three(ratios.pgbouncer),
  ])
  return aligned([head, below, ...rows])
}

const three = (of: Spread | undefined): readonly string[] =>
  of === undefined ? ['', '', ''] : [of.min, of.median, of.max].map((value) => value.toFixed(2))

function number(value: number | undefined): string {
  if (value === undefined) return ''
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 3)
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
