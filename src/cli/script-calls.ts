import type { z } from 'zod'
import { ScriptDetail, ScriptList, ScriptPlan, ScriptSummary } from '../http/script-schemas.ts'
import type { Call } from './client.ts'

export interface NewScript {
  readonly target: string
  readonly text: string
  readonly reason: string
  readonly ticket?: string
  readonly forSeconds: number
}

interface Said {
  readonly digest: string
  readonly factor: string
}

/** The API of scripts ahead of time. */
export interface ScriptCalls {
  submit(script: NewScript): Promise<z.infer<typeof ScriptSummary>>
  list(state?: string): Promise<z.infer<typeof ScriptList>['scripts']>
  find(id: string): Promise<z.infer<typeof ScriptDetail>>
  check(id: string, text: string): Promise<z.infer<typeof ScriptPlan>>
  approve(id: string, said: Said): Promise<z.infer<typeof ScriptSummary>>
  deny(id: string, said: Said & { readonly reason: string }): Promise<z.infer<typeof ScriptSummary>>
  withdraw(id: string): Promise<z.infer<typeof ScriptSummary>>
}

export function scriptCalls(call: Call): ScriptCalls {
  const at = (id: string, verb = ''): string => `scripts/${encodeURIComponent(id)}${verb}`
  const post = (path: string, body: object) => call({ method: 'POST', path, body, answer: ScriptSummary })
  return {
    submit: (script) => post('scripts', script),
    list: async (state) =>
      (
        await call({
          method: 'GET',
          path: state === undefined ? 'scripts' : `scripts?state=${encodeURIComponent(state)}`,
          answer: ScriptList,
        })
      ).scripts,
    find: (id) => call({ method: 'GET', path: at(id), answer: ScriptDetail }),
    check: (id, text) => call({ method: 'POST', path: at(id, '/check'), body: { text }, answer: ScriptPlan }),
    approve: (id, said) => post(at(id, '/approve'), said),
    deny: (id, said) => post(at(id, '/deny'), said),
    withdraw: (id) => post(at(id, '/withdraw'), {}),
  }
}
