import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

const SUBJECT = new URL('../../../src/proxy/ssh/native-crypto.ts', import.meta.url).href

/** What a process says whose library meets this in place of its add-on. */
function said(addon: string, folder: string): string {
  const preload = path.join(folder, 'preload.cjs')
  const load = `const own = Module._load; Module._load = (name, ...rest) => name.endsWith('sshcrypto.node') ? ${addon} : own(name, ...rest)`
  writeFileSync(preload, `const Module = require('node:module'); ${load}`)
  const script = `const { hasNativeCrypto } = await import('${SUBJECT}'); console.log(hasNativeCrypto())`
  const args = ['--require', preload, '--input-type=module', '--eval', script]
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
}

test('tells whether the library has found its add-on', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-addon-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  assert.equal(said(`(() => { throw new Error('none') })()`, folder), 'false')
  assert.equal(said('{ AESGCMCipher: class {} }', folder), 'true')
})
