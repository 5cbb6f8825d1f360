import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { personName, targetName, type PersonName } from '../../model/ids.ts'
import { ROLES, type Role } from '../../model/principal.ts'
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

/** A name and what somebody of that name may do. */
export interface Part {
  readonly name: string
  readonly roles: readonly Role[]
}

const CAST: readonly Part[] = [
  { name: 'alice', roles: ['engineer'] },
  { name: 'bob', roles: ['approver'] },
  { name: 'carol', roles: ['auditor'] },
  { name: 'dan', roles: ['security'] },
]

const ACTOR = { by: 'demo', origin: 'local' }
const GRANT_MS = 8 * 3_600_000

const Saved = z.array(
  z.strictObject({ name: z.string(), roles: z.array(z.enum(ROLES)), password: z.string(), factor: z.string() }),
)

/** Makes alice, bob, carol and dan, and alice's grants for these targets. */
export async function castDemo(
  access: Access,
  file: string,
  targets: readonly string[],
): Promise<readonly DemoPerson[]> {
  const cast: DemoPerson[] = []
  for (const part of CAST) cast.push(await castPerson(access, part))
  const alice = { person: personName('alice'), forMs: GRANT_MS, reason: 'the demo' }
  for (const target of targets) await access.grants.grant({ ...alice, target: targetName(target) }, ACTOR)
  writeFileSync(file, `${JSON.stringify(cast, null, 2)}\n`, { mode: 0o600 })
  return cast
}

/** Makes one person with a password and a second factor. */
export async function castPerson(access: Access, { name, roles }: Part): Promise<DemoPerson> {
  const person = personName(name)
  // A password has to hold a digit, which chance alone does not promise.
  const password = newId(`${name}-2`, 16)
  const added = await access.people.add({ name: person, roles, password }, ACTOR)
  if (!added.ok) throw new Error(`${name}: ${added.reason}`)
  const factor = await access.factors.enrol(person, ACTOR)
  if (factor === undefined) throw new Error(`${name} could not be given a second factor`)
  return { name: person, roles, password, factor: factor.secret.reveal() }
}

/** A password for psql or ssh: a credential for as long as the person's grant. */
export async function mintFor(access: Access, name: string, target?: string): Promise<Secret> {
  const person = personName(name)
  const grant = (await access.grants.liveOf(person)).find((one) => target === undefined || one.target === target)
  if (grant === undefined) throw new Error(`${name} has no grant for ${target ?? 'anything'}`)
  const minted = await access.credentials.mint(
    { person, target: grant.target, grant, ttlMs: GRANT_MS, service: false },
    ACTOR,
  )
  if (minted.outcome === 'refused') throw new Error(`${name}: ${minted.why}`)
  return minted.secret
}

/** One of a running demo's people, as `castDemo` wrote them down; undefined where there is none of that name. */
export function savedPerson(file: string, name: string): DemoPerson | undefined {
  const cast = Saved.parse(JSON.parse(readFileSync(file, 'utf8')))
  const person = cast.find((one) => one.name === name)
  return person === undefined ? undefined : { ...person, name: personName(person.name) }
}
