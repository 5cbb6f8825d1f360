import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { claimFolder } from '../../../src/cli/demo/demo-folder.ts'

test('the demo’s folder can be crossed by the account of its host, and listed by nobody else', (context) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'countersign-demo-folder-'))
  context.after(() => rmSync(root, { recursive: true, force: true }))
  const folder = path.join(root, 'demo-data')
  claimFolder(folder)
  assert.equal(statSync(folder).mode & 0o777, 0o711)
  assert.equal(statSync(path.join(folder, 'demo.pid')).mode & 0o777, 0o600)
  const foreign = path.join(root, 'mine')
  claimFolder(foreign)
  rmSync(path.join(foreign, 'demo.pid'))
  writeFileSync(path.join(foreign, 'thesis.txt'), 'mine')
  assert.throws(() => claimFolder(foreign), /holds something that no demo made/)
})
