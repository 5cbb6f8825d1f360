import type { Grants } from '../access/grants.ts'
import type { GrantsPort, StopsPort } from '../http/ports.ts'

/** What `news` is for: notes and messages that have just committed go out now, and not with the next beat. */
type News = () => void

export const promptGrants = (grants: Grants, news: News): GrantsPort => ({
  liveOf: (person) => grants.liveOf(person),
  list: (person) => grants.list(person),
  find: (id) => grants.find(id),
  async revoke(id, actor, reason) {
    const done = await grants.revoke(id, actor, reason)
    news()
    return done
  },
})

export const promptStops = (stops: StopsPort, news: News): StopsPort => ({
  async order(wanted, actor) {
    const counts = await stops.order(wanted, actor)
    news()
    return counts
  },
  async resume(wanted, actor) {
    const done = await stops.resume(wanted, actor)
    news()
    return done
  },
  standing: () => stops.standing(),
})
