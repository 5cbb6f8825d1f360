import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client } from '../../src/cli/client.ts'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import { personName } from '../../src/model/ids.ts'
import { isSigned } from '../../src/notify/signature.ts'
import { Secret } from '../../src/std/secret.ts'
import { ACTOR, attackStage, passwordOf, type AttackStage, type Enrolled } from '../support/attack-stage.ts'
import { RawClient } from '../support/raw-client.ts'
import { ServeChild } from '../support/serve-child.ts'

const SECRET = 'a secret of two machines'
const LITERAL = 'Lieselotte'
const STEP_MS = 30_000
const PATIENCE_MS = 30_000

const Seen = z.object({
  state: z.string(),
  deliveries: z.array(
    z.object({ channel: z.string(), state: z.string(), attempts: z.number(), reason: z.string().nullable() }),
  ),
})
type Seen = z.infer<typeof Seen>

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Listens, keeps what comes and answers as told; not at all without an answer. */
async function receiver(port: number, answer?: { status: number; location?: string }) {
  const got: Got[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      const { status, location } = answer ?? {}
      if (status !== undefined) response.writeHead(status, location === undefined ? {} : { location }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { got, close }
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + PATIENCE_MS
  while (Date.now() < end) {
    const found = await look()
    if (found !== undefined) return found
    await pause(50)
  }
  throw new Error(`no sign of ${what}`)
}

describe('messages of a node that is killed, to receivers that are away, hang or redirect', () => {
  let stage: AttackStage
  let alice: Enrolled
  let factor: Uint8Array
  let ports: { away: number; trap: number; stuck: number }
  const closes: (() => void)[] = []
  const children: ServeChild[] = []

  before(async () => {
    ports = { away: await freePort(), trap: await freePort(), stuck: await freePort() }
    process.env['COUNTERSIGN_TEST_HOOK'] = SECRET
    const hook = (name: keyof typeof ports): string =>
      `  - { name: ${name}, kind: webhook, url: "http://127.0.0.1:${ports[name]}/", secret: { env: COUNTERSIGN_TEST_HOOK } }`
    stage = await attackStage({ config: `notify:\n${hook('away')}\n${hook('trap')}\n${hook('stuck')}` })
    alice = await stage.enrol('alice', 'cards')
    const { access } = stage.app
    await access.people.add({ name: personName('bob'), roles: ['approver'], password: passwordOf('bob') }, ACTOR)
    factor = fromBase32((await access.factors.enrol(personName('bob'), ACTOR))?.secret.reveal() ?? '') ?? assert.fail()
    // From here on the node is a process of its own on the same folder.
    await stage.app.stop()
  })
  after(async () => {
    for (const child of children) await child.kill('SIGKILL')
    for (const close of closes) close()
    await stage.stop()
  })

  const serve = (): ServeChild => {
    const child = new ServeChild(stage.configFile)
    children.push(child)
    return child
  }
  /** Bob with a fresh sign-in: what an approval says of its messages. */
  async function bob(step: number): Promise<{ readonly client: Client; seen(id: string): Promise<Seen> }> {
    const net = { url: stage.url, fetch: NET.fetch }
    const totp = codeAt(factor, Date.now() + step * STEP_MS)
    const login = { person: 'bob', password: passwordOf('bob'), totp }
    const { token } = await createClient({ ...net, token: undefined }).login(login)
    const headers = { Authorization: `Bearer ${token}` }
    const seen = async (id: string): Promise<Seen> =>
      Seen.parse(await (await fetch(`${stage.url}/api/v1/approvals/${id}`, { headers })).json())
    return { client: createClient({ ...net, token }), seen }
  }

  test('a message outlives the process that made it, under its id; the approval shows what became of each', async () => {
    const trap = await receiver(ports.trap, { status: 302, location: 'http://169.254.169.254/latest/meta-data/' })
    const stuck = await receiver(ports.stuck)
    closes.push(trap.close, stuck.close)
    const first = serve()
    const client = await RawClient.enter({ ...alice.login, port: await first.ready() })
    const sql = `UPDATE cards SET holder = '${LITERAL}'`
    assert.equal((await client.query(sql)).end, 'held')
    const before = await bob(-1)
    const [{ id } = assert.fail('nothing is held')] = await before.client.approvals('open')
    const tried = await until('an attempt', async () => {
      const { deliveries } = await before.seen(id)
      const isTried = (name: string): boolean =>
        deliveries.some(({ channel, attempts }) => channel === name && attempts > 0)
      return isTried('away') && isTried('trap') ? deliveries : undefined
    })
    assert.deepEqual(
      tried.map(({ channel, state, reason }) => [channel, state, reason]),
      [
        ['away', 'waiting', 'could not connect'],
        ['trap', 'failed', 'status 302: redirects are not followed'],
        ['stuck', 'waiting', null],
      ],
    )
    await first.kill('SIGKILL')
    const away = await receiver(ports.away, { status: 204 })
    closes.push(away.close)
    await serve().ready()
    const kinds = (): readonly string[] => away.got.map(({ body }) => String(told(body)['kind']))
    await until('both messages', () => (kinds().length >= 2 ? true : undefined))
    assert.deepEqual(kinds().toSorted(), ['approval.closed', 'approval.opened'])
    for (const { headers, body } of away.got) {
      const header = String(headers['countersign-signature'])
      assert.ok(isSigned({ header, body }, new Secret(SECRET), Date.now() / 1000))
      assert.equal(headers['countersign-delivery'], told(body)['delivery'])
    }
    const later = await bob(0)
    const state = await until('two deliveries', async () => {
      const after = await later.seen(id)
      const arrived = after.deliveries.filter((one) => one.channel === 'away' && one.state === 'delivered')
      return arrived.length === 2 ? after.state : undefined
    })
    assert.equal(state, 'void')
    const everything = [...away.got, ...trap.got, ...stuck.got].map(({ body }) => body).join('\n')
    assert.doesNotMatch(everything, new RegExp(`${LITERAL}|UPDATE cards`))
    assert.equal(trap.got.filter(({ body }) => body.includes('approval.opened')).length, 1)
  })
})

function told(body: string): Readonly<Record<string, unknown>> {
  const said: unknown = JSON.parse(body)
  return typeof said === 'object' && said !== null ? { ...said } : {}
}
