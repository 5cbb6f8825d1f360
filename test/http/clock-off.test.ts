import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { personName } from '../../src/model/ids.ts'
import { admin } from '../store/scratch.ts'
import { house, told } from './house.ts'
import { APPROVAL, DIGEST, hold, world } from './world.ts'

const MINUTE = 60_000

for (const minutes of [-5, 5])
  test(`a phone whose clock is five minutes off (${minutes}) decides nothing and is told what to look at; the right one is not spent by it`, async (context) => {
    const all = await house(context, { bob: ['approver'] }, ({ clock }) => {
      const { deps, state } = world({ clock })
      state.shown.set(APPROVAL, hold())
      return { approvals: deps.approvals }
    })
    const made = await all.factors.enrol(personName('bob'), admin)
    const secret = fromBase32(made?.secret.reveal() ?? '') ?? Buffer.alloc(0)
    const approve = async (factor: string) =>
      told(await all.post('bob', `approvals/${APPROVAL}/approve`, { digest: DIGEST, factor }))
    const off = await approve(codeAt(secret, all.clock.now() + minutes * MINUTE))
    assert.deepEqual([off.status, off['code']], [403, 'factor-refused'])
    assert.match(String(off['detail']), /a phone whose clock is off shows wrong ones/)
    assert.equal((await approve(codeAt(secret, all.clock.now()))).status, 200)
  })
