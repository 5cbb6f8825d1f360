import type { Context } from 'hono'
import { z } from 'zod'
import { check, readJson } from './body.ts'
import { Problem, respondProblem } from './problem.ts'
import type { Viewer } from './viewer.ts'

/** A route as `api.ts` mounts it and `openapi.ts` describes it. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete'
  /** Hono's spelling, e.g. `/api/v1/approvals/:id`. */
  readonly path: string
  readonly summary: string
  readonly body: z.ZodType
  readonly query: z.ZodType
  readonly answer: z.ZodType
  readonly status: 200 | 201
  /** Where the answer is not JSON. */
  readonly media?: string
  respond(c: Context, caller: Caller): Promise<Response>
}

/** Where a request comes from and, unless the route is open to anyone, who sends it. */
export interface Caller {
  readonly viewer: Viewer | undefined
  readonly address: string
  /** Told of a body that has not the form of the route's. */
  readonly onMalformed?: (() => void) | undefined
}

/** One accepted call: the acting person from the token, everything else parsed. */
export interface Call<Body, Query> {
  readonly viewer: Viewer
  readonly address: string
  /** The `:id` of the path, unchecked; empty where the path has none. */
  readonly id: string
  readonly body: Body
  readonly query: Query
  readonly c: Context
}

interface Spec<Body, Query, Answer> {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  readonly summary: string
  readonly body: z.ZodType<Body>
  readonly query: z.ZodType<Query>
  readonly answer: z.ZodType<Answer>
  readonly status?: 200 | 201
}

/** For GET and DELETE. */
export const NO_BODY = z.undefined()
/** For routes without search parameters: any is an error. */
export const NO_QUERY = z.strictObject({})

/** A route for signed-in people. What `run` answers passes through the answer's schema, so that nothing leaves that is not described. */
export function route<Body, Query, Answer>(
  spec: Spec<Body, Query, Answer>,
  run: (call: Call<Body, Query>) => Promise<Answer | Problem>,
): Route {
  return openRoute(spec, async (call) => {
    const { viewer } = call
    return viewer === undefined ? new Problem('not-signed-in') : run({ ...call, viewer })
  })
}

/** A route that anyone may call. */
export function openRoute<Body, Query, Answer>(
  spec: Spec<Body, Query, Answer>,
  run: (call: Omit<Call<Body, Query>, 'viewer'> & Caller) => Promise<Answer | Problem>,
): Route {
  const status = spec.status ?? 200
  return {
    ...spec,
    status,
    async respond(c, caller) {
      const query = check(spec.query, c.req.query())
      if (query instanceof Problem) return respondProblem(c, query)
      const body = spec.method === 'post' ? await readJson(c, spec.body) : check(spec.body, undefined)
      if (body instanceof Problem) {
        caller.onMalformed?.()
        return respondProblem(c, body)
      }
      const answer = await run({ ...caller, id: c.req.param('id') ?? '', body, query, c })
      if (answer instanceof Problem) return respondProblem(c, answer)
      return c.json(spec.answer.parse(answer), status)
    },
  }
}
