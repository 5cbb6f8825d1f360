import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

/** What the script needs before it looks for a compiler, and no compiler. */
const tools = mkdtempSync(path.join(os.tmpdir(), 'countersign-tools-'))
const places = (process.env['PATH'] ?? '').split(':').concat('/usr/bin', '/bin')
for (const name of ['dirname', 'node']) {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], {
    env: { PATH: places.join(':') },
    encoding: 'utf8',
  })
  symlinkSync(found.stdout.trim(), path.join(tools, name))
}
after(() => rmSync(tools, { recursive: true, force: true }))

const run = (...args: readonly string[]) =>
  spawnSync('/bin/sh', ['scripts/ssh-addon.sh', ...args], { env: { PATH: tools }, encoding: 'utf8' })

test('where there is no compiler, set-up goes on without a word about the add-on', () => {
  const { status, stdout, stderr } = run('try')
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' })
})

test('whoever asks for the add-on hears what is missing', () => {
  const { status, stderr } = run()
  assert.equal(status, 1)
  assert.match(stderr, /^ssh-addon: there is no c\+\+\n$/)
})
