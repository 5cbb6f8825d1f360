import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { personName } from '../../src/model/ids.ts'
import { KEY as PASSKEY, PROPOSAL } from './identity-fakes.ts'
import { GRANT, REQUEST } from './request-desk.ts'
import { REVIEW, SCRIPT } from './script-fakes.ts'
import { KEY } from './ssh-fakes.ts'
import { APPROVAL, approval, call, CREDENTIAL, DIGEST, json, PEOPLE, SESSION, world } from './world.ts'

/** Alice's things, by the beginning of the path that leads to them. A route to a thing of another kind fails this test until it has a row. */
const HERS: Readonly<Record<string, string>> = {
  approvals: APPROVAL,
  'access-requests': REQUEST,
  grants: GRANT,
  credentials: CREDENTIAL,
  keys: KEY,
  passkeys: PASSKEY,
  proposals: PROPOSAL,
  recordings: SESSION,
  reviews: REVIEW,
  scripts: SCRIPT,
  sessions: SESSION,
}
/** What stands in the path here is no person's thing: the names of reports. */
const NO_THING = new Set(['evidence'])
/** A value for every key that a body or a query asks for; a route that asks for another one fails this test until it has a row. */
const VALUES: Readonly<Record<string, unknown>> = {
  ...{ digest: DIGEST, factor: '100001', reason: 'because', remark: 'seen', text: 'DELETE FROM payments' },
  ...{ incident: 'INC-1', name: 'phone' },
}

const Parameter = z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean() })
const Body = z.object({ content: z.record(z.string(), z.object({ schema: z.looseObject({}) })) })
const Operation = z.object({
  operationId: z.string(),
  description: z.string(),
  parameters: z.array(Parameter),
  requestBody: Body.optional(),
})
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) })

interface Described extends z.infer<typeof Operation> {
  readonly path: string
  readonly method: string
}

const described = async (): Promise<readonly Described[]> => {
  const { app } = world()
  const { paths } = Document.parse(await json(await call(app, undefined, { path: '/api/v1/openapi.json' })))
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  )
}

const valueOf = (name: string): unknown =>
  VALUES[name] ?? assert.fail(`"${name}" is asked for, and no row of this test has a value for it`)

function bodyOf({ requestBody }: Described): unknown {
  const schema = requestBody?.content['application/json']?.schema
  if (schema === undefined) return undefined
  const { required = [] } = z.looseObject({ required: z.array(z.string()).optional() }).parse(schema)
  return Object.fromEntries(required.map((name) => [name, valueOf(name)]))
}

function pathTo({ path, parameters }: Described, id: string): string {
  const asked = parameters.filter((one) => one.in === 'query' && one.required)
  const query = new URLSearchParams(Object.fromEntries(asked.map(({ name }) => [name, String(valueOf(name))])))
  return `${path.replace(/\{[a-z]+\}/, id)}${asked.length === 0 ? '' : `?${query.toString()}`}`
}

/** A world in which alice has one of each kind of thing. */
function herWorld() {
  const made = world()
  made.state.credentials.push({
    ...{ id: CREDENTIAL, person: personName('alice'), target: approval().target, grant: GRANT },
    ...{ source: undefined, createdAt: 0, expiresAt: made.clock.now() + 60_000, revokedAt: undefined },
  })
  return made
}

const kindOf = (path: string): string => path.split('/')[3] ?? ''
/** The same with other characters: an id that nothing has. */
const nobodys = (id: string): string => `${id.slice(0, 2)}${'9'.repeat(id.length - 2)}`

const routes = await described()
const toThings = routes.filter(({ path }) => path.includes('{') && !NO_THING.has(kindOf(path)))

type Answer = readonly [number, string]

async function answerTo(route: Described, who: string, id: string): Promise<Answer> {
  const { app, state } = herWorld()
  const body = bodyOf(route)
  const asked = { path: pathTo(route, id), method: route.method, ...(body === undefined ? {} : { body }) }
  const response = await call(app, who, asked)
  const answer = [response.status, (await response.text()).replaceAll(id, 'ID')] as const
  if (who === 'mallory') assert.deepEqual([state.decided, state.terminated, state.asked], [[], [], []])
  return answer
}

describe('one person’s token on another’s things, for every route of the description', () => {
  for (const route of toThings)
    test(`${route.operationId}: what is alice's answers mallory as what does not exist`, async () => {
      const id = HERS[kindOf(route.path)] ?? assert.fail(`no row of this test has a thing for ${route.path}`)
      const hers = await answerTo(route, 'mallory', id)
      assert.deepEqual(hers, await answerTo(route, 'mallory', nobodys(id)))
      const isForRoles = route.description.includes('one of:')
      assert.equal(hers[0], isForRoles ? 403 : 404, hers[1])
      // Or the thing is not there at all, and this test says nothing.
      const others = PEOPLE.map(async ({ name }) => {
        const [thing, nothing] = [await answerTo(route, name, id), await answerTo(route, name, nobodys(id))]
        return thing[0] !== nothing[0] || thing[1] !== nothing[1]
      })
      assert.ok((await Promise.all(others)).includes(true), 'somebody is answered otherwise')
    })

  test('there are routes to every kind of thing, and a row for each', () => {
    assert.deepEqual(new Set(toThings.map(({ path }) => kindOf(path))), new Set(Object.keys(HERS)))
  })

  for (const route of routes.filter(({ path, method }) => method === 'GET' && !path.includes('{')))
    test(`${route.operationId}: nothing of alice's is in what mallory is shown`, async () => {
      const { app } = herWorld()
      const response = await call(app, 'mallory', { path: pathTo(route, '') })
      // The stream of news never ends; what it may tell is a test of its own.
      if (route.operationId === 'events') {
        await response.body?.cancel()
        return
      }
      const text = await response.text()
      for (const id of Object.values(HERS)) assert.ok(!text.includes(id), `${id} in ${text.slice(0, 300)}`)
      if (route.operationId !== 'openapi') assert.doesNotMatch(text, /alice|payments/)
    })

  test('no body names who acts: a key for a person stands only where somebody is spoken of', () => {
    const naming = routes
      .filter(({ description }) => description.includes('signed-in'))
      .filter(({ requestBody }) =>
        /"(person|by|approver|actor|viewer|as)":/.test(
          JSON.stringify(requestBody?.content['application/json']?.schema ?? {}),
        ),
      )
    assert.deepEqual(
      naming.map(({ operationId }) => operationId),
      [],
    )
  })
})
