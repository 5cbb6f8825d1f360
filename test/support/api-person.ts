import { setTimeout as pause } from 'node:timers/promises'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt, counterAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client } from '../../src/cli/client.ts'
import type { Stage } from '../../src/cli/demo/stage.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'

const ACTOR = { by: 'test', origin: 'local' }
const STEP_MS = 30_000
const PATIENCE_MS = 70_000

/** Somebody with a session at the API and an authenticator. */
export interface ApiPerson {
  readonly name: string
  readonly client: Client
  readonly url: string
  readonly token: string
  /** A one-time code that was never used; waits for the next step where this one's is spent. */
  code(): Promise<string>
}

/** Adds a person, with a grant for the shop where they are an engineer, and logs in with password and code. */
export async function apiPerson(
  { app, config }: Pick<Stage, 'app' | 'config'>,
  name: string,
  roles: readonly Role[],
): Promise<ApiPerson> {
  const { access } = app
  const [person, password] = [personName(name), `${name}-and-a-long-password-1`]
  const added = await access.people.add({ name: person, roles, password }, ACTOR)
  if (!added.ok) throw new Error(added.reason)
  if (roles.includes('engineer'))
    await access.grants.grant({ person, target: targetName('cards'), forMs: 3_600_000, reason: 'a test' }, ACTOR)
  const factor = await access.factors.enrol(person, ACTOR)
  const secret = fromBase32(factor?.secret.reveal() ?? '')
  if (secret === undefined) throw new Error(`${name} has no factor`)
  // The step before: this one's and the next one's codes are left.
  let last = counterAt(Date.now()) - 1
  const net = { url: config.publicUrl, fetch: NET.fetch }
  const logIn = (): Promise<{ token: string }> =>
    createClient({ ...net, token: undefined }).login({ person: name, password, totp: codeAt(secret, last * STEP_MS) })
  const { token } = await logIn().catch(() => {
    last += 1
    return logIn()
  })
  const code = async (): Promise<string> => {
    const end = Date.now() + PATIENCE_MS
    while (last > counterAt(Date.now()) && Date.now() < end) await pause(200)
    last = Math.max(last + 1, counterAt(Date.now()))
    return codeAt(secret, last * STEP_MS)
  }
  return { name, client: createClient({ ...net, token }), url: config.publicUrl, token, code }
}
