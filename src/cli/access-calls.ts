import type { z } from 'zod'
import { RequestView, RequestViews } from '../http/request-schemas.ts'
import type { ApproveRequestBody, AskBody, DenyRequestBody } from '../http/request-schemas.ts'
import type { Call } from './client.ts'

/** The API of access requests. */
export interface AccessCalls {
  ask(body: z.input<typeof AskBody>): Promise<RequestView>
  /** Newest first. */
  list(state?: string): Promise<readonly RequestView[]>
  find(id: string): Promise<RequestView>
  approve(id: string, body: z.input<typeof ApproveRequestBody>): Promise<RequestView>
  deny(id: string, body: z.input<typeof DenyRequestBody>): Promise<RequestView>
  withdraw(id: string): Promise<RequestView>
}

export function accessCalls(call: Call): AccessCalls {
  const base = 'access-requests'
  const at = (id: string, verb = ''): string => `${base}/${encodeURIComponent(id)}${verb}`
  const post = (path: string, body: object) => call({ method: 'POST', path, body, answer: RequestView })
  return {
    ask: (body) => post(base, body),
    list: async (state) => {
      const path = state === undefined ? base : `${base}?state=${encodeURIComponent(state)}`
      return (await call({ method: 'GET', path, answer: RequestViews })).requests
    },
    find: (id) => call({ method: 'GET', path: at(id), answer: RequestView }),
    approve: (id, body) => post(at(id, '/approve'), body),
    deny: (id, body) => post(at(id, '/deny'), body),
    withdraw: (id) => post(at(id, '/withdraw'), {}),
  }
}
