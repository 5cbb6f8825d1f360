import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestDenied } from '../../src/approvals/near-denied.ts'
import type { Approval } from '../../src/approvals/approval.ts'
import type { ApprovalId } from '../../src/model/ids.ts'
import type { RedactedText } from '../../src/model/redacted.ts'
import { approval } from '../http/world.ts'

const asked = (id: string, redacted: RedactedText, more: Partial<Approval> = {}): Approval =>
  approval({ id: id as ApprovalId, redacted, ...more })
const now = asked('a_now', ['DELETE FROM payments WHERE amount > ', { withheld: 'number', bytes: 2, tag: 'aa' }])

test('a denied statement that differs in a word is named with the number of words', () => {
  const near = nearestDenied(now, [
    asked('a_far', ['SELECT count(*) FROM customers JOIN cards USING (id)']),
    asked('a_near', ['delete  FROM payments WHERE amount >= ', { withheld: 'number', bytes: 2, tag: 'aa' }]),
  ])
  assert.equal(near?.approval.id, 'a_near')
  assert.equal(near.words, 1)
})

test('a withheld literal counts by its keyed tag, and comments and blanks do not count', () => {
  const other = nearestDenied(now, [asked('a_lit', ['DELETE FROM payments WHERE amount > ', { withheld: 'number', bytes: 2, tag: 'bb' }])]) // prettier-ignore
  assert.equal(other?.words, 1)
  const same = nearestDenied(now, [
    asked('a_same', [{ withheld: 'comment', bytes: 9, tag: 'cc' }, 'DELETE\n FROM payments WHERE amount > ', { withheld: 'number', bytes: 2, tag: 'aa' }]), // prettier-ignore
  ])
  assert.equal(same?.words, 0)
})

test('what is for another target, is far, or came later is not near', () => {
  const text: RedactedText = now.redacted
  assert.equal(nearestDenied(now, [asked('a_t', text, { target: 'other' as Approval['target'] })]), undefined)
  assert.equal(nearestDenied(now, [asked('a_l', text, { createdAt: now.createdAt + 1 })]), undefined)
  assert.equal(nearestDenied(now, [asked('a_f', ['DELETE FROM refunds'])]), undefined)
  assert.equal(nearestDenied(now, [now]), undefined)
})

test('two very long statements are compared in no time', () => {
  const long = (word: string): RedactedText => [`SELECT ${Array.from({ length: 20_000 }, (_, at) => `c${at}`).join(', ')} FROM ${word}`] // prettier-ignore
  const started = performance.now()
  assert.equal(nearestDenied(asked('a_x', long('t')), [asked('a_y', long('u'))])?.words, 1)
  assert.ok(performance.now() - started < 2000)
})
