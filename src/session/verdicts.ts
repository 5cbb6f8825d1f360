import type { Facts } from '../model/facts.ts'
import type { Verdict } from '../model/verdict.ts'
import type { StatementVerdict } from '../recording/event.ts'
import { Recent } from '../std/recent.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Target } from '../model/target.ts'
import type { PolicyView } from './judgement.ts'

/** What the packs say, and how the recording keeps it: the same object while it is the same, so that it is serialised once. */
export interface Judged {
  readonly verdict: Verdict
  readonly kept: StatementVerdict
}

/** Statements whose verdict one session remembers: an application goes round among a few. */
const REMEMBERED = 16

/** Whose statements they are, and what decides. */
export interface VerdictsDeps {
  readonly principal: Principal
  readonly target: Target
  readonly rights: Rights
  readonly policy: () => PolicyView
}

/** The verdicts of one session's statements. Facts are the same object for a text that comes again; packs that have moved are asked anew. */
export class Verdicts {
  readonly #deps: VerdictsDeps
  readonly #known = new Recent<readonly Facts[], Judged>(REMEMBERED)
  #lastKept: StatementVerdict = { effect: 'deny', rules: [], policyVersion: '' }

  constructor(deps: VerdictsDeps) {
    this.#deps = deps
  }

  of(facts: readonly Facts[]): Judged {
    const policy = this.#deps.policy()
    const known = this.#known.get(facts)
    if (known?.verdict.policyVersion === policy.version) return known
    const { principal, target, rights } = this.#deps
    const verdict = policy.decide({ facts, principal, target, rights })
    const made = { verdict, kept: this.#kept(verdict) }
    this.#known.set(facts, made)
    return made
  }

  #kept({ effect, matches, policyVersion }: Verdict): StatementVerdict {
    const last = this.#lastKept
    const isLast =
      last.effect === effect &&
      last.policyVersion === policyVersion &&
      last.rules.length === matches.length &&
      matches.every((match, at) => match.rule === last.rules[at])
    if (!isLast) this.#lastKept = { effect, rules: matches.map((match) => match.rule), policyVersion }
    return this.#lastKept
  }
}
