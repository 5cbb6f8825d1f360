import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import Provider from 'oidc-provider'
import { memoryAdapter } from './oidc-memory.ts'

/** An account of the organisation. */
export interface Member {
  readonly sub: string
  readonly preferred_username?: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly groups?: readonly string[]
}

/** A real OpenID provider in this process, on loopback, with its tokens in memory and a login that asks nothing. */
export interface Organisation {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  /** Who signs in at the next visit. */
  become(member: Member): void
  /** The account is gone, for everybody who asks. */
  dismiss(sub: string): void
  /** What the provider says of the account from now on. */
  change(member: Member): void
  /** Answers nothing any more until it comes back. */
  vanish(): Promise<void>
  comeBack(): Promise<void>
  /** Follows the redirects of a browser, from where we send it to where the provider sends it back to. */
  visit(url: string, redirectUri: string): Promise<URL>
}

export interface OrganisationOptions {
  readonly redirectUri: string
  /** Whether a refresh token comes along. */
  readonly refresh?: boolean
  /** How long an access token lives, in seconds. */
  readonly accessTtl?: number
}

export async function organisation(context: TestContext, options: OrganisationOptions): Promise<Organisation> {
  const members = new Map<string, Member>()
  let current = ''
  const [clientId, clientSecret] = ['countersign', randomBytes(16).toString('hex')]
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
  const listen = (port: number): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((request, response) => handle(request, response))
      server.listen(port, '127.0.0.1', () => resolve(server))
    })
  let server = await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const issuer = new URL(`http://127.0.0.1:${port}`)
  const provider = new Provider(issuer.origin, configuration({ ...options, clientId, clientSecret }, members))
  const respond = provider.callback()
  handle = (request, response) => {
    const answered = request.url?.startsWith('/interaction/')
      ? interact(provider, { request, response, accountId: current })
      : respond(request, response)
    answered.catch(() => response.writeHead(500).end())
  }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  context.after(close)
  return {
    ...{ issuer, clientId, clientSecret },
    become(member) {
      members.set(member.sub, member)
      current = member.sub
    },
    dismiss: (sub) => void members.delete(sub),
    change: (member) => void members.set(member.sub, member),
    vanish: close,
    comeBack: async () => void (server = await listen(port)),
    visit,
  }
}

interface Client extends OrganisationOptions {
  readonly clientId: string
  readonly clientSecret: string
}

const configuration = (client: Client, members: ReadonlyMap<string, Member>) => ({
  clients: [
    {
      client_id: client.clientId,
      client_secret: client.clientSecret,
      redirect_uris: [client.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  claims: {
    openid: ['sub'],
    profile: ['preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  findAccount: (_: unknown, sub: string) => {
    const member = members.get(sub)
    return Promise.resolve(member && { accountId: sub, claims: () => Promise.resolve({ ...member }) })
  },
  interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  features: { devInteractions: { enabled: false } },
  issueRefreshToken: () => Promise.resolve(client.refresh ?? false),
  adapter: memoryAdapter(),
  ttl: {
    AccessToken: client.accessTtl ?? 3600,
    RefreshToken: 86_400,
    IdToken: 3600,
    Session: 3600,
    Grant: 3600,
    Interaction: 600,
  },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  jwks: {
    keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig' }],
  },
})

/** The login and the consent of the provider: yes to everything, for whoever is current. */
async function interact(
  provider: Provider,
  asked: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly accountId: string },
): Promise<void> {
  const { request, response, accountId } = asked
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId } })
  const grant = new provider.Grant({ accountId: session?.accountId ?? accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope ?? 'openid')
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}

const MAX_STEPS = 12

async function visit(url: string, redirectUri: string): Promise<URL> {
  const jar = new Map<string, string>()
  let next = url
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (next.startsWith(redirectUri)) return new URL(next)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(next, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } })
    await response.arrayBuffer()
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`the provider answered ${response.status} at ${next}`)
    next = new URL(location, next).href
  }
  throw new Error('the provider goes round in circles')
}
