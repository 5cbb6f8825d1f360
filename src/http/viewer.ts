import type { Person } from '../access/person.ts'
import type { PersonName } from '../model/ids.ts'
import type { Principal } from '../model/principal.ts'

/** The acting person of a request, always from its token. */
export interface Viewer extends Principal {
  /** The human behind a second account; four eyes compare humans. */
  readonly owner: PersonName | undefined
}

export const viewerOf = ({ name, roles, service, owner }: Person): Viewer => ({ person: name, roles, service, owner })
