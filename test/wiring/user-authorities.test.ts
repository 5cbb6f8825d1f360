import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { openAuthority, readUserAuthorities } from '../../src/proxy/ssh/authorities.ts'
import { fingerprintOf } from '../../src/protocol/ssh/public-key.ts'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { createLog } from '../../src/wiring/log.ts'
import { openSshAccess } from '../../src/wiring/ssh-access.ts'
import { rereadUserAuthorities } from '../../src/wiring/user-authorities.ts'
import { scratchFolder, scratchStore } from '../store/scratch.ts'
import { configOf } from '../support/ssh-door.ts'
import { keygen } from '../support/sshd.ts'

test('the CAs of people are read again, told in the ledger, and stay as they were where one cannot be used', (context) => {
  const { store, clock } = scratchStore(context)
  const folder = scratchFolder(context)
  const at = (name: string): string => path.join(folder, name)
  for (const name of ['first', 'second']) keygen(['-t', 'ed25519', '-N', '', '-f', at(name)])
  const file = at('ca.pub')
  const use = (name: string): void => writeFileSync(file, readFileSync(at(`${name}.pub`)))
  use('first')
  const ca = { file, checksFactor: true }
  const { door } = openSshAccess({ config: { ...configOf(folder), ssh: { userCa: [ca] } }, store, clock })
  assert.ok(door)
  const notes: LedgerNote[] = []
  const ledger = { append: (note: LedgerNote) => ({ seq: notes.push(note), hash: '' }) }
  const log = createLog({ level: 'silent' })
  const reread = (): void => rereadUserAuthorities({ door, ledger, clock, log, broken: (why) => assert.fail(why) })
  const own = openAuthority(path.join(folder, 'keys'), 'people')
  const known = (): readonly string[] => door.authorities().map(({ key }) => fingerprintOf(key.blob))
  const [ours, first] = known()
  reread()
  assert.deepEqual(notes, [])
  use('second')
  assert.deepEqual(known(), [ours, first])
  reread()
  const second = known()
  assert.deepEqual(
    second,
    readUserAuthorities([ca], own).map(({ key }) => fingerprintOf(key.blob)),
  )
  assert.notEqual(second[1], first)
  writeFileSync(file, 'no key\n')
  reread()
  assert.deepEqual(known(), second)
  assert.deepEqual(
    notes.map(({ kind, outcome, detail }) => [kind, outcome, detail]),
    [
      ['ssh-ca.reloaded', 'done', { fingerprints: second }],
      ['ssh-ca.reloaded', 'refused', {}],
    ],
  )
})
