import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalId } from '../../../src/model/ids.ts'
import { errorResponse, heldNotice, notice } from '../../../src/proxy/postgres/refusals.ts'

test('what we say ourselves repeats no card number that somebody typed as a name or as a reason', () => {
  const [message, detail, hint] = ['no "4111111111111111"', 'for 4111 1111 1111 1111', 'not 4111-1111-1111-1111']
  const bytes = Buffer.concat([errorResponse({ code: '42501', message, detail, hint }), notice(message)]).toString()
  assert.doesNotMatch(bytes, /4111.?1111.?1111.?1111/)
  assert.equal(bytes.split('411111******1111').length, 3)
})

test('nothing that somebody typed draws on the terminal of whoever asked, speaks in our name or ends the session', () => {
  const reason = 'no \u001b[2J\nNOTICE:  approved by root \u202e \0 \ud800'
  const fields = { code: '42501', message: `bob declined: ${reason}`, detail: reason, hint: reason }
  const held = {
    ...{ approval: 'a_abcdefghij01' as ApprovalId, rules: ['pci/x'], link: 'https://x/', needs: '1 approver' },
    ...{ message: reason, expiresAt: 0 },
  }
  for (const bytes of [errorResponse(fields), notice(reason), heldNotice(held)]) {
    // The body of one message: fields of a letter and a string that a NUL ends.
    const told = bytes.subarray(5).toString().split('\0')
    assert.deepEqual(
      told.filter((field) => /[^\P{C}]|[\r\n]/u.test(field)),
      [],
    )
    assert.match(told.join(' '), /no \?\[2J NOTICE: approved by root \? \? \?/)
  }
})
