import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { hasNativeCrypto } from '../../../src/proxy/ssh/native-crypto.ts'

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

/** Ciphers that nobody keeps, and enough besides them to have them collected between two turns. */
const COLLECTED = `
const { AESGCMCipher, AESGCMDecipher } = require('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node')
const [key, iv] = [Buffer.alloc(16), Buffer.alloc(12)]
const turn = (left) => {
  for (let count = 0; count < 2000; count += 1) {
    new AESGCMCipher('aes-128-gcm', key, iv)
    new AESGCMDecipher('aes-128-gcm', key, iv)
  }
  const others = []
  for (let count = 0; count < 2e5; count += 1) others.push({ count })
  if (left > 0) setTimeout(turn, 1, left - 1)
}
turn(25)`

test('ciphers of the add-on are collected without ending the process', { skip: !hasNativeCrypto() }, () => {
  const { status, stderr } = spawnSync(process.execPath, ['-e', COLLECTED], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})
