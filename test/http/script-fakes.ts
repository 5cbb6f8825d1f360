import type { Review } from '../../src/approvals/review.ts'
import type { ScriptEvent } from '../../src/approvals/scripts.ts'
import { ruleSignature } from '../../src/approvals/reviews.ts'
import { rule } from '../../src/approvals/ruling.ts'
import { answerable, type Script } from '../../src/approvals/script.ts'
import type { ReviewsPort, ScriptsPort } from '../../src/http/ports.ts'
import { personName, targetName, type ApprovalId, type ReviewId, type ScriptId } from '../../src/model/ids.ts'
import type { ScriptContent } from '../../src/session/script-content.ts'
import type { Change } from '../../src/session/script-desk.ts'
import { DIGEST, FACTS } from './world.ts'

export const SCRIPT = 'x_abcdefghij01' as ScriptId
export const REVIEW = 'v_abcdefghij01' as ReviewId
export const SCRIPT_TEXT = 'DELETE FROM payments;\nSELECT 1'

const START = Date.UTC(2026, 10, 22)

export const script = (changes: Partial<Script> = {}): Script => ({
  ...{ id: SCRIPT, state: 'open', person: personName('alice'), human: personName('alice') },
  ...{ target: targetName('cards'), database: 'cards', account: 'app', sealed: '', redacted: [SCRIPT_TEXT] },
  statements: [
    { start: 0, end: 20, rules: ['pci/unfiltered-write'] },
    { start: 21, end: 30, rules: [] },
  ],
  digest: DIGEST,
  policyVersion: '0123456789abcdef',
  matches: [{ rule: 'pci/unfiltered-write', effect: 'hold', severity: 'high', message: 'It reaches every row.' }],
  holds: [{ rule: 'pci/unfiltered-write', from: ['approver'], need: 1, withinMs: 900_000, notify: [] }],
  eligible: [
    { person: personName('bob'), roles: ['approver'] },
    { person: personName('erin'), roles: ['approver'] },
  ],
  ...{ reason: 'release 42', ticket: 'OPS-7', createdAt: START, expiresAt: START + 14_400_000, decisions: [] },
  ...{ settledAt: undefined, settledBy: undefined, why: undefined, session: undefined, runAt: undefined, position: 0 },
  ...{ finishedAt: undefined, detail: undefined },
  ...changes,
})

export const review = (changes: Partial<Review> = {}): Review => ({
  ...{ id: REVIEW, person: personName('alice'), human: personName('alice'), target: targetName('cards') },
  ...{ approval: 'a_abcdefghij01' as ApprovalId, incident: 'INC-1', reason: 'the site is down', openedAt: START },
  ...{ signedBy: undefined, signedAt: undefined, remark: undefined },
  ...changes,
})

/** Scripts and reviews in memory, by the machine's own rules. */
export function scriptFakes(now: () => number) {
  const state = {
    script: script(),
    review: review(),
    text: SCRIPT_TEXT,
    changed: undefined as Change | undefined,
    submitted: [] as unknown[],
    refusal: undefined as string | undefined,
    scriptListeners: new Set<(event: ScriptEvent) => void>(),
    reviewListeners: new Set<(review: Review) => void>(),
  }
  const content = (): ScriptContent => ({
    ...{ text: state.text, searchPath: ['public'], epoch: 'e', definitions: {} },
    estimates: [{ rows: 4711 }, { none: 'it has bound values' }],
    parts: [
      { start: 0, end: 20, facts: FACTS },
      { start: 21, end: 30, facts: { ...FACTS, verb: 'select', span: { start: 21, end: 30 } } },
    ],
  })
  const scripts: ScriptsPort = {
    maxBytes: 262_144,
    list: () => Promise.resolve([state.script]),
    find: (id) => Promise.resolve(id === SCRIPT ? state.script : undefined),
    decide(answer) {
      const ruled = rule(answerable(state.script), answer, now())
      if (ruled.kind === 'refused') return Promise.resolve({ outcome: 'refused', why: ruled.why })
      const repeated = ruled.kind === 'repeated'
      if (ruled.kind === 'decided' && (ruled.state === 'approved' || ruled.state === 'denied'))
        state.script = { ...state.script, state: ruled.state, decisions: [ruled.decision] }
      return Promise.resolve({ outcome: 'recorded', script: state.script, repeated })
    },
    withdraw() {
      state.script = { ...state.script, state: 'withdrawn' }
      return Promise.resolve(true)
    },
    revoke(_, why) {
      state.script = { ...state.script, state: 'void', why }
      return Promise.resolve(true)
    },
    submit(submission) {
      state.submitted.push(submission)
      if (state.refusal !== undefined)
        return Promise.resolve({ outcome: 'refused', statement: 2, message: state.refusal })
      return Promise.resolve({ outcome: 'submitted', script: state.script })
    },
    content,
    changedSince: () => Promise.resolve(state.changed),
    subscribe(listener) {
      state.scriptListeners.add(listener)
      return () => state.scriptListeners.delete(listener)
    },
  }
  const reviews: ReviewsPort = {
    list: () => Promise.resolve([state.review]),
    find: (id) => Promise.resolve(id === REVIEW ? state.review : undefined),
    sign(signature) {
      const why = ruleSignature(state.review, signature)
      if (why !== undefined) return Promise.resolve({ outcome: 'refused', why })
      const { person: signedBy, remark } = signature
      state.review = { ...state.review, signedBy, signedAt: now(), remark }
      for (const listener of state.reviewListeners) listener(state.review)
      return Promise.resolve({ outcome: 'signed', review: state.review })
    },
    subscribe(listener) {
      state.reviewListeners.add(listener)
      return () => state.reviewListeners.delete(listener)
    },
  }
  return { state, scripts, reviews }
}
