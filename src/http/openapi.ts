import { z } from 'zod'
import type { Who } from './access-table.ts'
import { NO_BODY, NO_QUERY } from './route.ts'
import type { Route } from './route.ts'
import { PROBLEMS } from './problem.ts'

export interface Described {
  readonly name: string
  readonly who: Who
  readonly route: Route
}

/** The OpenAPI 3.1 document, made of the same schemas that check the requests. */
export function openapi(routes: readonly Described[]): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const described of routes) {
    const path = described.route.path.replaceAll(/:([a-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [described.route.method]: operation(described) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Countersign', version: '1', description: 'The acting person always comes from the bearer token.' },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  }
}

function operation({ name, who, route }: Described): Readonly<Record<string, unknown>> {
  const roles = typeof who === 'string' ? who : `one of: ${who.join(', ')}`
  return {
    operationId: name,
    summary: route.summary,
    description: `Callers: ${roles}.`,
    security: who === 'anyone' ? [] : [{ bearer: [] }],
    parameters: parameters(route),
    ...(route.body === NO_BODY
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
        }),
    responses: {
      [String(route.status)]: {
        description: 'Done',
        content: { [route.media ?? 'application/json']: { schema: schemaOf(route.answer, 'output') } },
      },
      default: {
        description: 'Refused',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function parameters(route: Route): readonly unknown[] {
  const named = [...route.path.matchAll(/:([a-z]+)/g)].map((match) => match[1])
  const ids = named.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  if (route.query === NO_QUERY) return ids
  const { properties = {}, required = [] } = schemaOf(route.query, 'input')
  return [
    ...ids,
    ...Object.entries(properties).map(([name, schema]) => ({
      ...{ name, in: 'query', schema },
      required: required.includes(name),
    })),
  ]
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const made = z.toJSONSchema(schema, { io })
  // The dialect is the document's; repeated in every schema it only makes noise.
  delete made.$schema
  return made
}

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    detail: { type: 'string' },
  },
}
