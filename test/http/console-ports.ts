import type { PoliciesPort, RecordedEvent, WatchPort } from '../../src/http/ports.ts'
import { createPolicy } from '../../src/policy/decide.ts'
import { loadPack } from '../../src/policy/load.ts'
import type { Asked } from './evidence-desk.ts'

const PACK = `name: small
description: One rule of each kind.
given: { tags: [cde], tables: { public.cards: { columns: { id: integer, pan: text } } } }
rules:
  - id: no-drops
    description: Tables stay.
    severity: critical
    effect: deny
    message: nobody drops <b>tables</b> here
    match: { verb: drop }
    examples: { catches: [DROP TABLE cards], spares: [SELECT 1] }
masks:
  - class: pan
    columns: [pan]
    show: bin+last4
    examples: { catches: [public.cards.pan], spares: [public.cards.id] }
`

/** The packs of a small world and a bench that reads nothing. */
export function fakePolicies(): PoliciesPort {
  const { pack } = loadPack(PACK, '/etc/countersign/policies/small.yaml')
  const policy = createPolicy(pack === undefined ? [] : [pack])
  return { current: () => policy, judge: () => Promise.resolve('no-catalog') }
}

/** A recording that is followed: each look takes what stands in `events` since the look before. */
export const fakeWatching = (state: { readonly events: RecordedEvent[]; readonly asked: Asked[] }): WatchPort => ({
  begin(watch) {
    state.asked.push({ what: 'watch', question: watch.session, by: watch.by, sees: 'everything' })
    const place = { seen: 0 }
    return Promise.resolve({
      next() {
        const lines = state.events.slice(place.seen)
        place.seen = state.events.length
        return Promise.resolve(lines)
      },
      close: () => Promise.resolve(),
    })
  },
})
