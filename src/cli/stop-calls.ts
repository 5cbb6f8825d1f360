import type { z } from 'zod'
import type { LastingScope, Stopped } from '../access/stops.ts'
import { Done, StopAnswer } from '../http/schemas.ts'
import type { Call } from './client.ts'

interface Ordered {
  readonly reason: string
  readonly factor: string
}

/** The kill switch at the API. */
export interface StopCalls {
  stop(order: Stopped & Ordered): Promise<z.infer<typeof StopAnswer>>
  resume(order: Stopped<LastingScope> & Ordered): Promise<z.infer<typeof Done>>
}

export const stopCalls = (call: Call): StopCalls => ({
  stop: (body) => call({ method: 'POST', path: 'stop', body, answer: StopAnswer }),
  resume: (body) => call({ method: 'POST', path: 'resume', body, answer: Done }),
})
