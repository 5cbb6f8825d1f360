/**
 * What a grant is for. `read` looks and changes nothing; `write` changes data or files as well; `all` is whatever the rules let a person do. Each holds the one
 * before it, and none of them overrules a rule: a grant narrows, it opens nothing that a pack holds or denies.
 */
export const RIGHTS = ['read', 'write', 'all'] as const
export type Rights = (typeof RIGHTS)[number]

/** The wider of two comes later. */
export const byRights = (a: Rights, b: Rights): number => RIGHTS.indexOf(a) - RIGHTS.indexOf(b)

/** As people read it. */
export const RIGHTS_WORDS: Readonly<Record<Rights, string>> = {
  read: 'reading only',
  write: 'reading and changing data',
  all: 'everything the rules allow',
}
