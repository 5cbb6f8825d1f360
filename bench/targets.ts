import type { Line } from './report.ts'

/** What we want to reach with everything on, and whether this run did. */
export interface Goal {
  readonly goal: string
  readonly measured: number
  readonly reached: boolean
}

/** Medians over the rounds, so that one disturbed round does not decide. What this run did not measure is left out. */
export function goalsOf(lines: readonly Line[]): readonly Goal[] {
  const find = (measure: string): Line | undefined => lines.find((line) => line.measure === measure)
  const least = (measure: string, ratio: number): Goal => {
    const measured = find(measure)?.ratios.pgbouncer?.median ?? NaN
    return { goal: `${measure}: at least ${ratio} of PgBouncer's rate`, measured, reached: measured >= ratio }
  }
  const later = (measure: string, ms: number): Goal => {
    const { countersign = NaN, pgbouncer = NaN } = find(measure)?.medians ?? {}
    const measured = countersign - pgbouncer
    return { goal: `${measure}: at most ${ms} ms more than PgBouncer`, measured, reached: measured <= ms }
  }
  const whole = (measure: string, ratio: number): Goal => {
    const measured =
      lines.find((line) => line.measure.startsWith(measure) && line.unit === 'MB/s')?.ratios.direct?.median ?? NaN
    return { goal: `${measure}: at least ${ratio} of the direct throughput`, measured, reached: measured >= ratio }
  }
  const added = (measure: string, ms: number): Goal => {
    const { countersign = NaN, direct = NaN } = find(measure)?.medians ?? {}
    return {
      goal: `${measure}: at most ${ms} ms added`,
      measured: countersign - direct,
      reached: countersign - direct <= ms,
    }
  }
  return [
    least('select prepared 16', 0.7),
    least('select simple 16', 0.5),
    later('select prepared 1: median time', 0.1),
    later('select simple 1: median time', 0.1),
    added('ssh: echo of a key on a terminal, median', 1),
    whole('ssh: exec', 0.7),
    whole('ssh: scp down', 0.7),
    whole('ssh: sftp down', 0.7),
  ].filter(({ measured }) => !Number.isNaN(measured))
}

export const goalText = (goals: readonly Goal[]): string =>
  goals
    .map(({ goal, measured, reached }) => `${reached ? 'reached' : 'MISSED '}  ${measured.toFixed(3)}  ${goal}\n`)
    .join('')
