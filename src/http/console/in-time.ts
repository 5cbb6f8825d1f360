import type { Clock } from '../../std/clock.ts'

/** An answer, or `late` where it has not come after `ms` milliseconds. What was asked for goes on. */
export async function inTime<Answer, Late>(
  answer: Promise<Answer>,
  { clock, ms, late }: { readonly clock: Clock; readonly ms: number; readonly late: Late },
): Promise<Answer | Late> {
  const { promise, resolve } = Promise.withResolvers<Late>()
  const stop = clock.after(ms, () => resolve(late))
  try {
    return await Promise.race([answer, promise])
  } finally {
    stop()
  }
}
