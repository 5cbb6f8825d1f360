import { createHash, randomBytes, randomInt } from 'node:crypto'
import type { PersonName } from '../model/ids.ts'
import type { JournalStore, LedgerNote } from '../model/ledger.ts'
import type { Principal } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import { noted, type Scrub } from './note.ts'
import { principalOf } from './person.ts'
import { sourceOf } from './source.ts'
import type { Tokens } from './tokens.ts'

/** What a program at a terminal asks for: to be signed in as whoever confirms it in a browser. */
export interface BrowserAsking {
  /** What the program says it is, e.g. the machine's name; its own words. */
  readonly client: string
  /** The only one who may confirm it, where the program knows. */
  readonly person: PersonName | undefined
  /** Where it asks from. */
  readonly address: string
}

export interface BrowserBegun {
  /** 256 bits that the program keeps to itself and fetches its token with. */
  readonly deviceCode: Secret
  /** Shown at the terminal and typed in the browser: `BCDF-GHJK`. */
  readonly userCode: string
  readonly expiresAt: number
  /** The program asks again no sooner than this, in milliseconds. */
  readonly intervalMs: number
}

/** One that waits, as the page shows it. */
export interface BrowserWaiting extends BrowserAsking {
  readonly code: string
  readonly askedAt: number
  readonly expiresAt: number
}

export interface BrowserAnswer {
  readonly code: string
  readonly by: PersonName
  /** The sign-in that confirms: while it counts, so does its word. */
  readonly token: Secret
  readonly address: string
  readonly kind: 'confirm' | 'deny'
}

/** `unknown`: no such code, or it is over or used. `other-person`: it was asked for somebody else. `slow`: too many wrong codes. */
export type BrowserRefusal = 'unknown' | 'other-person' | 'slow'

export type BrowserTaken =
  | { readonly outcome: 'done'; readonly token: Secret; readonly expiresAt: number; readonly principal: Principal }
  | { readonly outcome: 'pending' | 'slow-down' | 'denied' | 'expired' }

/** Signing a terminal in through a browser, by whatever way people sign in there. Modelled on the device grant of OAuth (RFC 8628). */
export interface BrowserLogins {
  begin(asking: BrowserAsking): BrowserBegun | 'too-many'
  /** What a typed code stands for; decides nothing. */
  look(code: string, by: PersonName): BrowserWaiting | BrowserRefusal
  /** Once: of several answers to one code the first counts. */
  answer(answer: BrowserAnswer): Promise<'answered' | BrowserRefusal>
  /** The program asks for its token, which is made then, once. */
  take(deviceCode: Secret, address: string): Promise<BrowserTaken>
}

export interface BrowserLoginDeps {
  readonly tokens: Pick<Tokens, 'issue' | 'personOf'>
  readonly journal: Pick<JournalStore, 'append'>
  readonly clock: Pick<Clock, 'now'>
  readonly scrub: Scrub
}

export const BROWSER_LOGIN_MS = 5 * 60_000
const INTERVAL_MS = 5000
/** A clock that ticks a little early is no hurry. */
const EARLY_MS = 500
/** Waiting at once, of one address and in all: none of them is worth a row in the store. */
const MOST_OF_SOURCE = 20
const MOST = 2000
/** Wrong codes of one person within five minutes; of 2.5e10 codes nobody hits one with them. */
const MOST_WRONG = 10
/** Consonants alone: no word comes of them, and none of them is taken for another. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'

interface Entry extends BrowserWaiting {
  readonly hash: string
  /** `answering`: an answer is being written down, and no other counts. */
  state: 'waiting' | 'answering' | 'confirmed' | 'denied'
  /** The sign-in that confirmed it. */
  token: Secret | undefined
  polledAt: number
}

/** Kept in memory: a restart asks for a new code. */
export function createBrowserLogins(deps: BrowserLoginDeps): BrowserLogins {
  return new Porch(deps)
}

class Porch implements BrowserLogins {
  readonly #deps: BrowserLoginDeps
  readonly #byHash = new Map<string, Entry>()
  readonly #byCode = new Map<string, Entry>()
  readonly #slow: ReturnType<typeof createBrake>

  constructor(deps: BrowserLoginDeps) {
    this.#deps = deps
    this.#slow = createBrake(deps.clock)
  }

  begin(asking: BrowserAsking): BrowserBegun | 'too-many' {
    const { clock, scrub } = this.#deps
    for (const entry of this.#byHash.values()) if (clock.now() >= entry.expiresAt) this.#drop(entry)
    const source = sourceOf(asking.address)
    const own = [...this.#byHash.values()].filter(({ address }) => sourceOf(address) === source)
    if (own.length >= MOST_OF_SOURCE || this.#byHash.size >= MOST) return 'too-many'
    const deviceCode = new Secret(`csd_${randomBytes(32).toString('base64url')}`)
    const [askedAt, code] = [clock.now(), newCode(this.#byCode)]
    const times = { askedAt, expiresAt: askedAt + BROWSER_LOGIN_MS, polledAt: 0 }
    const known = { ...asking, client: scrub(asking.client), code, hash: hashOf(deviceCode) }
    const entry: Entry = { ...known, ...times, state: 'waiting', token: undefined }
    this.#byHash.set(entry.hash, entry)
    this.#byCode.set(code, entry)
    return { deviceCode, userCode: code, expiresAt: entry.expiresAt, intervalMs: INTERVAL_MS }
  }

  look(code: string, by: PersonName): BrowserWaiting | BrowserRefusal {
    const found = this.#find(code, by)
    return typeof found === 'string' ? found : shown(found)
  }

  async answer(said: BrowserAnswer): Promise<'answered' | BrowserRefusal> {
    const { journal } = this.#deps
    const entry = this.#find(said.code, said.by)
    if (typeof entry === 'string') {
      await journal.append({ note: answerNote(this.#deps, said, { outcome: 'refused', why: entry }) })
      return entry
    }
    // Before anything is waited for: a second answer to the same code finds it used.
    entry.state = 'answering'
    await journal.append({ note: answerNote(this.#deps, said, { outcome: 'done', entry }) })
    entry.token = said.kind === 'confirm' ? said.token : undefined
    entry.state = said.kind === 'confirm' ? 'confirmed' : 'denied'
    return 'answered'
  }

  async take(deviceCode: Secret, address: string): Promise<BrowserTaken> {
    const now = this.#deps.clock.now()
    const entry = this.#byHash.get(hashOf(deviceCode))
    if (entry === undefined || now >= entry.expiresAt) return { outcome: 'expired' }
    const early = now - entry.polledAt < INTERVAL_MS - EARLY_MS
    entry.polledAt = now
    if (early) return { outcome: 'slow-down' }
    if (entry.state === 'waiting' || entry.state === 'answering') return { outcome: 'pending' }
    // Once, whatever comes of it.
    this.#drop(entry)
    if (entry.token === undefined) return { outcome: 'denied' }
    return issued(entry, { ...this.#deps, token: entry.token, address })
  }

  #find(code: string, by: PersonName): Entry | BrowserRefusal {
    if (this.#slow.isOn(by)) return 'slow'
    const entry = this.#byCode.get(canonical(code))
    if (entry?.state !== 'waiting' || this.#deps.clock.now() >= entry.expiresAt) {
      this.#slow.count(by)
      return 'unknown'
    }
    return entry.person === undefined || entry.person === by ? entry : 'other-person'
  }

  #drop(entry: Entry): void {
    this.#byHash.delete(entry.hash)
    this.#byCode.delete(entry.code)
  }
}

/** A sign-in that has ended since (signed out, stopped, disabled, a new password) confirms nothing any more. */
async function issued(
  entry: Entry,
  { tokens, clock, token, address }: BrowserLoginDeps & { readonly token: Secret; readonly address: string },
): Promise<BrowserTaken> {
  const person = await tokens.personOf(token, 'passive')
  if (person === undefined) return { outcome: 'denied' }
  const detail = { factors: ['browser'], client: entry.client }
  const event = { kind: 'login', at: clock.now(), resource: 'api', detail }
  const made = await tokens.issue(person.name, noted({ by: person.name, origin: address }, event))
  return made === undefined ? { outcome: 'denied' } : { outcome: 'done', ...made, principal: principalOf(person) }
}

/** What the ledger keeps of an answer in the browser. */
function answerNote(
  { clock }: BrowserLoginDeps,
  { kind, by, address }: BrowserAnswer,
  of: { readonly outcome: 'done'; readonly entry: Entry } | { readonly outcome: 'refused'; readonly why: string },
): LedgerNote {
  const detail =
    of.outcome === 'refused'
      ? { why: of.why }
      : { client: of.entry.client, from: of.entry.address, person: of.entry.person ?? null }
  const event = { kind: kind === 'confirm' ? 'login.confirmed' : 'login.denied', at: clock.now(), resource: 'api' }
  return noted({ by, origin: address }, { ...event, outcome: of.outcome, detail })
}

/** Counts wrong codes by person. */
function createBrake(clock: Pick<Clock, 'now'>) {
  const wrong = new Map<PersonName, { count: number; readonly until: number }>()
  const of = (person: PersonName) => {
    const known = wrong.get(person)
    return known !== undefined && clock.now() < known.until ? known : undefined
  }
  return {
    isOn: (person: PersonName): boolean => (of(person)?.count ?? 0) >= MOST_WRONG,
    count(person: PersonName): void {
      const known = of(person)
      if (known !== undefined) known.count += 1
      else wrong.set(person, { count: 1, until: clock.now() + BROWSER_LOGIN_MS })
    },
  }
}

const shown = ({ client, person, address, code, askedAt, expiresAt }: Entry): BrowserWaiting => ({
  ...{ client, person, address, code, askedAt, expiresAt },
})

function newCode(taken: ReadonlyMap<string, unknown>): string {
  for (;;) {
    const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
    const code = canonical(letters)
    if (!taken.has(code)) return code
  }
}

/** As people type it: in any case, with or without the hyphen. */
function canonical(typed: string): string {
  const letters = typed
    .slice(0, 40)
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '')
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

const hashOf = (secret: Secret): string => createHash('sha256').update(secret.reveal()).digest('hex')
