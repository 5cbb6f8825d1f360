import { isName, personName, targetName } from '../model/ids.ts'
import type { PersonName, TargetName } from '../model/ids.ts'

/** What a client may write as its login: `person@target`, or `person` alone where live grants name one target. */
export interface LoginName {
  readonly person: PersonName
  readonly target: TargetName | undefined
}

/** The last `@` splits. Undefined where a part is no name; the answer to that is the one to a wrong password. */
export function parseLogin(text: string): LoginName | undefined {
  const at = text.lastIndexOf('@')
  if (at < 0) return isName(text) ? { person: personName(text), target: undefined } : undefined
  const [person, target] = [text.slice(0, at), text.slice(at + 1)]
  if (!isName(person) || !isName(target)) return undefined
  return { person: personName(person), target: targetName(target) }
}
