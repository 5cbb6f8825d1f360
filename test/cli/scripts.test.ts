import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { run as approve } from '../../src/cli/approve.ts'
import { run as deny } from '../../src/cli/deny.ts'
import type { Io } from '../../src/cli/io.ts'
import { saveProfile } from '../../src/cli/profile.ts'
import { run as reviews } from '../../src/cli/reviews.ts'
import { run as runScript } from '../../src/cli/run.ts'
import { run as scripts } from '../../src/cli/scripts.ts'
import { run as submit } from '../../src/cli/submit.ts'
import { REVIEW, SCRIPT, SCRIPT_TEXT } from '../http/script-fakes.ts'
import { APPROVAL, call, DIGEST, hold, world } from '../http/world.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A machine where somebody is logged in to the API in memory. */
async function machine(person: string, running = world()) {
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'))
  folders.push(home)
  const told = { out: '', err: '' }
  const io: Io = {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    isTty: false,
    env: { XDG_CONFIG_HOME: home },
  }
  const token = `token-of-${person}-0123456789`
  const profile = { url: 'https://countersign.example', person, token, expiresAt: '2027-01-01T00:00:00.000Z' }
  await saveProfile(path.join(home, 'countersign', 'default.json'), profile)
  const fetch = (url: string, init: RequestInit) =>
    Promise.resolve(running.app.request(url.replace(/^https?:\/\/[^/]+/, ''), init))
  const file = path.join(home, 'change.sql')
  writeFileSync(file, SCRIPT_TEXT)
  return { io, told, net: { fetch }, file, home, running }
}

test('submit says what is asked of whom and remembers where the file lies, without copying it', async () => {
  const { io, told, net, file, home } = await machine('alice')
  assert.equal(await submit([file, '--target', 'cards', '--reason', 'release 42'], io, net), 0)
  assert.match(told.out, /x_abcdefghij01: 2 statements, open until/)
  assert.match(told.out, /needs 1 of approver for pci\/unfiltered-write/)
  assert.match(told.out, /then: countersign run x_abcdefghij01/)
  const kept = readFileSync(path.join(home, 'countersign', 'scripts', `${SCRIPT}.json`), 'utf8')
  assert.deepEqual(JSON.parse(kept), { file })
})

test('submit needs target and reason, and a file in UTF-8', async () => {
  const { io, told, net, file } = await machine('alice')
  assert.equal(await submit([file, '--reason', 'x'], io, net), 2)
  assert.equal(await submit([file, '--target', 'cards'], io, net), 2)
  writeFileSync(file, Buffer.from([0xff]))
  assert.equal(await submit([file, '--target', 'cards', '--reason', 'x'], io, net), 1)
  assert.match(told.err, /is not UTF-8 text/)
  assert.equal(await submit(['nowhere.sql', '--target', 'cards', '--reason', 'x'], io, net), 1)
  assert.match(told.err, /nowhere.sql cannot be read/)
})

test('run says why a script does not run, and wants the file of one that was submitted elsewhere', async () => {
  const { io, told, net, file } = await machine('alice')
  assert.equal(await runScript([SCRIPT], io, net), 2)
  assert.match(told.err, /was not submitted from here: name it with --file/)
  assert.equal(await runScript([SCRIPT, '--file', file], io, net), 1)
  assert.match(told.err, /it is open/)
})

test('an approver reads a script statement by statement and approves or denies it by its digest', async () => {
  const { io, told, net, running } = await machine('bob')
  assert.equal(await approve([SCRIPT, '--digest', DIGEST, '--code', '100001'], io, net), 0)
  assert.match(told.out, /statement 1, held by pci\/unfiltered-write/)
  assert.match(told.out, /DELETE FROM payments/)
  assert.match(told.out, /x_abcdefghij01 is approved/)
  assert.equal(await deny([SCRIPT, '--reason', 'not today', '--code', '100002'], io, net), 0)
  assert.deepEqual(running.state.purposes, [`approve ${SCRIPT}`, `deny ${SCRIPT}`])
})

test('scripts lists, shows and withdraws', async () => {
  const { io, told, net } = await machine('alice')
  assert.equal(await scripts([], io, net), 0)
  assert.match(told.out, /x_abcdefghij01 {2}open/)
  assert.equal(await scripts([SCRIPT], io, net), 0)
  assert.match(told.out, /a script of 2 statements/)
  assert.equal(await scripts(['withdraw', SCRIPT], io, net), 0)
  assert.match(told.out, /withdrawn/)
})

test('break-glass needs incident and reason, tells what follows, and its review is signed by somebody else', async () => {
  const { io, told, net, running } = await machine('alice')
  running.state.shown.set(APPROVAL, hold())
  const args = [APPROVAL, '--break-glass', '--digest', DIGEST, '--code', '100001']
  assert.equal(await approve(args, io, net), 2)
  assert.equal(await approve([...args, '--incident', 'INC-1', '--reason', 'the site is down'], io, net), 0)
  assert.match(told.out, /is approved; a review of INC-1 stays open until somebody else signs it/)
  const bob = await machine('bob', running)
  assert.equal(await reviews([], bob.io, bob.net), 0)
  assert.match(bob.told.out, /v_abcdefghij01 {2}open/)
  assert.equal(await reviews(['sign', REVIEW, '--code', '100001'], bob.io, bob.net), 2)
  assert.equal(await reviews(['sign', REVIEW, '--remark', 'was right', '--code', '100001'], bob.io, bob.net), 0)
  assert.match(bob.told.out, /signed by bob: was right/)
})

test('reviews --watch tells what is there, then each that changes, until the login ends', async () => {
  const { io, told, net, running } = await machine('carol')
  const watching = reviews(['--watch', '--json'], io, net)
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(told.out)) await new Promise((resolve) => setImmediate(resolve))
  }
  await until(/"state":"open"/)
  const sign = { path: `/api/v1/reviews/${REVIEW}/sign`, body: { remark: 'was right', factor: '100001' } }
  assert.equal((await call(running.app, 'dan', sign)).status, 200)
  await until(/"state":"signed"/)
  running.state.disabled.add('carol')
  running.clock.advance(15_000)
  assert.equal(await watching, 1)
  const said = told.out.trim().split('\n')
  assert.deepEqual([said.length, said[2]?.includes('watch-ended')], [3, true])
})
