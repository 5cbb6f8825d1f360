import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { isSigned } from '../../notify/signature.ts'
import { Secret } from '../../std/secret.ts'

const Message = z.looseObject({
  kind: z.string(),
  link: z.url(),
  person: z.string(),
  approval: z.looseObject({ id: z.string(), state: z.string() }),
  rules: z.array(z.looseObject({ rule: z.string() })),
})

/** A message as it was told to whoever is on call. */
export interface Told extends z.infer<typeof Message> {
  /** The whole body. */
  readonly body: string
}

/** The other end of a webhook: takes what is signed with the shared secret and nothing else. */
export interface WebhookReceiver {
  readonly url: string
  readonly secret: string
  readonly told: readonly Told[]
  /** The message of this kind about one approval; rejects if none comes within 10 s. */
  message(kind: string, approval: string): Promise<Told>
  close(): Promise<void>
}

const PATIENCE_MS = 10_000
const BEAT_MS = 20

/** Listens on a free loopback port. */
export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const secret = randomBytes(24).toString('base64url')
  const told: Told[] = []
  const server = createServer((request, response) => void receive({ request, response, secret }, told))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/on-call`,
    secret,
    told,
    async message(kind, approval) {
      for (let waited = 0; waited < PATIENCE_MS; waited += BEAT_MS) {
        const found = told.find((one) => one.kind === kind && one.approval.id === approval)
        if (found !== undefined) return found
        await pause(BEAT_MS)
      }
      throw new Error(`no signed message ${kind} about ${approval} came to the webhook`)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Delivery {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly secret: string
}

async function receive({ request, response, secret }: Delivery, told: Told[]): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString('utf8')
  const header = request.headers['countersign-signature']
  const signed = typeof header === 'string' && isSigned({ header, body }, new Secret(secret), Date.now() / 1000)
  // Messages about something else than an approval are taken too, and not kept.
  const message = signed ? Message.safeParse(JSON.parse(body)).data : undefined
  if (message !== undefined) told.push({ ...message, body })
  response.writeHead(signed ? 204 : 401).end()
}
