import type { Eligible } from '../approvals/approval.ts'
import { digestOf, sameDigest } from '../approvals/digest.ts'
import type { Script } from '../approvals/script.ts'
import type { Scripts } from '../approvals/scripts.ts'
import type { Catalog } from '../model/catalog.ts'
import type { PersonName, ScriptId, SessionId } from '../model/ids.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Target } from '../model/target.ts'
import { estimatesOfScript, type Planner } from './estimates.ts'
import { packContent, unpackContent, type ScriptContent } from './script-content.ts'
import { readScript, type ScriptRead, type ScriptReadingDeps, type ScriptRefusal } from './script-reading.ts'
import { ScriptRun } from './script-run.ts'

/** One database of a target, as far as scripts need it. */
export interface ScriptDatabase {
  readonly name: string
  readonly target: Target
  /** Looks now. */
  freshCatalog(): Promise<Catalog | undefined>
  /** Absent: there are no estimates. */
  readonly planRows?: Planner
}

export interface Submission {
  readonly principal: Principal
  readonly owner: PersonName | undefined
  readonly text: string
  /** Of the grant under which it is submitted. */
  readonly rights: Rights
  readonly database: ScriptDatabase
  readonly reason: string
  readonly ticket: string | undefined
  readonly forMs: number
  readonly origin: string
}

export type SubmitOutcome =
  | { readonly outcome: 'submitted'; readonly script: Script }
  | ScriptRefusal
  | { readonly outcome: 'full' | 'bad-duration' }

export interface ScriptDeskDeps {
  readonly scripts: Scripts
  readonly reading: (database: ScriptDatabase) => ScriptReadingDeps
  readonly newId: () => ScriptId
  readonly key: Uint8Array
  readonly classificationVersion: string
  readonly seal: (id: ScriptId, content: string) => string
  /** Undefined where nobody but us can have written it, and we did not. */
  readonly unseal: (id: ScriptId, sealed: string) => string | undefined
  /** Everyone with a role, as of now. */
  readonly eligible: () => Promise<readonly Eligible[]>
  /** The person as of now; undefined where the account is gone. */
  readonly principalOf: (person: PersonName) => Promise<Principal | undefined>
  readonly databaseOf: (script: Script) => ScriptDatabase | undefined
  readonly onError: (error: unknown) => void
}

/** In words, what changed. What does not last (the target cannot be asked right now) makes nothing void. */
export interface Change {
  readonly what: string
  readonly lasts: boolean
}

export interface Beginning {
  readonly id: ScriptId
  readonly session: SessionId
  readonly principal: Principal
  readonly database: ScriptDatabase
  readonly origin: string
}

/** Reads scripts, says whether they are still what was approved, and begins their one run. */
export interface ScriptDesk {
  submit(submission: Submission): Promise<SubmitOutcome>
  /** What it was read as. Throws where the store was tampered with. */
  content(script: Script): ScriptContent
  /** What is not as it was when it was submitted; undefined where all is. */
  changedSince(script: Script): Promise<Change | undefined>
  /** Claims it for a session, or says in one sentence why not. What changed makes it void. */
  begin(beginning: Beginning): Promise<ScriptRun | string>
}

export function createScriptDesk(deps: ScriptDeskDeps): ScriptDesk {
  return new Desk(deps)
}

class Desk implements ScriptDesk {
  readonly #deps: ScriptDeskDeps

  constructor(deps: ScriptDeskDeps) {
    this.#deps = deps
  }

  async submit(submission: Submission): Promise<SubmitOutcome> {
    const { principal, owner, text, rights, database, reason, ticket, forMs, origin } = submission
    const catalog = await database.freshCatalog()
    const asked = { text, principal, target: database.target, rights, catalog }
    const read = await readScript(this.#deps.reading(database), asked)
    if (read.outcome === 'refused') return read
    const facts = read.content.parts.map((part) => part.facts)
    const estimates = await estimatesOfScript(database.planRows, { ...read.content, facts })
    const id = this.#deps.newId()
    const { person } = principal
    const { target, name } = database
    const { statements, redacted, matches, holds, policyVersion } = read
    const script = await this.#deps.scripts.submit({
      ...{ id, person, owner, target: target.name, database: name, account: target.account, reason, ticket, forMs },
      ...{ statements, redacted, matches, holds, policyVersion, origin },
      sealed: this.#deps.seal(id, packContent({ ...read.content, estimates })),
      digest: this.#digest({ id, person, read, database }),
      eligible: await this.#deps.eligible(),
    })
    return typeof script === 'string' ? { outcome: script } : { outcome: 'submitted', script }
  }

  content({ id, sealed }: Script): ScriptContent {
    const packed = this.#deps.unseal(id, sealed)
    if (packed === undefined) throw new Error('a script in the store is not what this node wrote')
    return unpackContent(packed)
  }

  async changedSince(script: Script): Promise<Change | undefined> {
    const read = await this.#readAgain(script)
    if (typeof read === 'string') return { what: read, lasts: true }
    if (read.outcome === 'refused') return { what: blamed(read), lasts: read.statement !== undefined }
    const what = this.#difference(script, read)
    return what === undefined ? undefined : { what, lasts: true }
  }

  async #readAgain(script: Script): Promise<ScriptRead | ScriptRefusal | string> {
    const principal = await this.#deps.principalOf(script.person)
    const database = this.#deps.databaseOf(script)
    if (principal === undefined) return 'the account of its submitter is gone'
    if (database === undefined) return 'its target is not configured any more'
    const catalog = await database.freshCatalog()
    const { text } = this.content(script)
    // What the grant of the session that runs it does not cover, its guard refuses, statement by statement.
    const asked = { text, principal, target: database.target, rights: 'all', catalog } as const
    return readScript(this.#deps.reading(database), asked)
  }

  #difference(script: Script, read: ScriptRead): string | undefined {
    const { searchPath } = this.content(script)
    const database = this.#deps.databaseOf(script)
    if (database === undefined) return 'its target is not configured any more'
    if (read.policyVersion !== script.policyVersion) return 'the packs have changed'
    if (JSON.stringify(read.holds) !== JSON.stringify(script.holds)) return 'other people would have to be asked now'
    if (JSON.stringify(read.content.searchPath) !== JSON.stringify(searchPath)) return 'the search path has changed'
    const { id, person } = script
    if (sameDigest(this.#digest({ id, person, read, database }), script.digest)) return undefined
    return 'a definition that it reads or changes is another one now'
  }

  async begin({ id, session, principal, database, origin }: Beginning): Promise<ScriptRun | string> {
    const { scripts, onError } = this.#deps
    const script = await scripts.find(id)
    if (script?.person !== principal.person || script.target !== database.target.name)
      return `there is no script ${id} of yours for this target`
    if (script.database !== database.name) return `script ${id} is for database ${script.database}`
    if (script.state !== 'approved') return `script ${id} cannot run: it is ${script.state}`
    const changed = await this.changedSince(script)
    if (changed?.lasts === false) return `script ${id} cannot run now: ${changed.what}`
    if (changed !== undefined) {
      await scripts.revoke(id, changed.what)
      return `script ${id} is void: ${changed.what}`
    }
    const claimed = await scripts.claim(id, session, { by: principal.person, origin })
    if (!claimed)
      return `script ${id} cannot run: it was begun already, has expired, or its grant or a person has ended`
    return new ScriptRun({ script, content: this.content(script), session, scripts, onError })
  }

  #digest(of: { id: ScriptId; person: PersonName; read: ScriptRead; database: ScriptDatabase }): string {
    const { id, person, read, database } = of
    const { key, classificationVersion } = this.#deps
    const { text, searchPath } = read.content
    const subject = {
      ...{ frame: Buffer.from(text), parameters: [], person, session: id, target: database.target.name },
      ...{ account: database.target.account, database: database.name, policyVersion: read.policyVersion },
      ...{ settings: { search_path: searchPath.join(',') }, classificationVersion, catalogEpoch: read.findings },
    }
    return digestOf(key, subject, 'script')
  }
}

const blamed = ({ statement, message }: ScriptRefusal): string =>
  statement === undefined ? message : `statement ${statement}: ${message}`
