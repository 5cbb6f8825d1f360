import type { Grants } from '../access/grants.ts'
import type { StopCounts, Stopped } from '../access/stops.ts'
import type { GrantsPort, StopsPort } from '../http/ports.ts'
import { isName, personName, targetName } from '../model/ids.ts'
import type { Actor } from '../model/ledger.ts'
import type { Occasion } from '../model/occasion.ts'

type TellOf = (occasion: Occasion) => void

/** Revoking a grant tells people whose access has ended, by whom. */
export const grantsTold = (grants: Grants, tellOf: TellOf): GrantsPort => ({
  liveOf: (person) => grants.liveOf(person),
  list: (person) => grants.list(person),
  find: (id) => grants.find(id),
  async revoke(id, actor, reason) {
    const done = await grants.revoke(id, actor, reason)
    const grant = done ? await grants.find(id) : undefined
    if (grant === undefined) return done
    const { person, target } = grant
    tellOf({
      ...{ kind: 'grant.revoked', subject: `grant:${id}`, by: actor.by, person, target },
      ...{ facts: [{ label: 'Grant', text: id }], path: '/access', channels: [] },
    })
    return done
  },
})

/** An order of the kill switch, and its end, are everybody's matter. */
export const stopsTold = (stops: StopsPort, tellOf: TellOf): StopsPort => ({
  async order(wanted, actor) {
    const counts = await stops.order(wanted, actor)
    if (counts !== undefined) tellOf(told('stop.ordered', wanted, { actor, counts }))
    return counts
  },
  async resume(wanted, actor) {
    const done = await stops.resume(wanted, actor)
    if (done) tellOf(told('stop.lifted', wanted, { actor, counts: undefined }))
    return done
  },
  standing: () => stops.standing(),
})

interface Deed {
  readonly actor: Actor
  readonly counts: StopCounts | undefined
}

function told(kind: Occasion['kind'], { scope, name = '' }: Stopped, { actor, counts }: Deed): Occasion {
  const known = isName(name)
  const ended = counts === undefined ? [] : Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  return {
    ...{ kind, subject: scope === 'everything' ? scope : `${scope}:${name}`, by: actor.by },
    person: scope === 'person' && known ? personName(name) : undefined,
    target: scope === 'target' && known ? targetName(name) : undefined,
    facts: [
      { label: 'Scope', text: scope },
      ...(ended.length === 0 ? [] : [{ label: 'Ended', text: ended.join(', ') }]),
    ],
    ...{ path: '/health', channels: [] },
  }
}
