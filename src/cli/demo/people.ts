import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { codeAt } from '../../access/totp.ts'
import { fromBase32 } from '../../access/base32.ts'
import { personName, targetName, type PersonName } from '../../model/ids.ts'
import type { Role } from '../../model/principal.ts'
import type { Secret } from '../../std/secret.ts'
import { newId } from '../../std/ids.ts'
import type { Access } from '../../wiring/access.ts'

/** One person of the demo with everything that a real person would keep to themselves. */
export interface DemoPerson {
  readonly name: PersonName
  readonly roles: readonly Role[]
  readonly password: string
  /** TOTP secret in base32. */
  readonly factor: string
}

const CAST: readonly { readonly name: string; readonly roles: readonly Role[] }[] = [
  { name: 'alice', roles: ['engineer'] },
  { name: 'bob', roles: ['approver'] },
  { name: 'carol', roles: ['auditor'] },
]

const ACTOR = { by: 'demo', origin: 'local' }
const GRANT_MS = 8 * 3_600_000

const Saved = z.array(
  z.strictObject({ name: z.string(), roles: z.array(z.string()), password: z.string(), factor: z.string() }),
)

/** Makes alice, bob and carol, and alice's grant for the shop. */
export async function castDemo(access: Access, file: string): Promise<readonly DemoPerson[]> {
  const cast: DemoPerson[] = []
  for (const { name, roles } of CAST) {
    const person = personName(name)
    const password = newId(`${name}-`, 16)
    const added = await access.people.add({ name: person, roles, password }, ACTOR)
    if (!added.ok) throw new Error(`${name}: ${added.reason}`)
    const factor = await access.factors.enrol(person, ACTOR)
    if (factor === undefined) throw new Error(`${name} could not be given a second factor`)
    cast.push({ name: person, roles, password, factor: factor.secret.reveal() })
  }
  await access.grants.grant(
    { person: personName('alice'), target: targetName('cards'), forMs: GRANT_MS, reason: 'the demo' },
    ACTOR,
  )
  writeFileSync(file, `${JSON.stringify(cast, null, 2)}\n`, { mode: 0o600 })
  return cast
}

/** A password for psql: alice's credential for as long as her grant. */
export async function mintFor(access: Access, name: string): Promise<Secret> {
  const person = personName(name)
  const [grant] = await access.grants.liveOf(person)
  if (grant === undefined) throw new Error(`${name} has no grant`)
  const minted = await access.credentials.mint(
    { person, target: grant.target, grant, ttlMs: GRANT_MS, service: false },
    ACTOR,
  )
  if (minted.outcome === 'refused') throw new Error(`${name}: ${minted.why}`)
  return minted.secret
}

/** The one-time code of a demo person now: each works once, the next one comes within 30 seconds. */
export function demoCode(file: string, name: string, now: number): string | undefined {
  const cast = Saved.parse(JSON.parse(readFileSync(file, 'utf8')))
  const person = cast.find((one) => one.name === name)
  const secret = fromBase32(person?.factor ?? '')
  return person === undefined || secret === undefined ? undefined : codeAt(secret, now)
}
