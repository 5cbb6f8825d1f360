import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import type { Io } from '../../src/cli/io.ts'
import { run as login } from '../../src/cli/login.ts'
import { createResumeCommand, createStopCommand } from '../../src/cli/stop.ts'
import { world } from '../http/world.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const COUNTS = { sessions: 1, holds: 2, grants: 3, credentials: 4 }

/** A machine of somebody who keeps the kill switch, beside the server's data folder. */
async function machine(answers: readonly string[] = []) {
  const running = world()
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'))
  folders.push(home)
  const told = { out: '', err: '', asked: [] as string[], opened: [] as string[], local: [] as unknown[], closed: 0 }
  const left = [...answers]
  const env = { XDG_CONFIG_HOME: home, COUNTERSIGN_PASSWORD: 'pw-dan', COUNTERSIGN_CODE: '1777777' }
  const io: Io = {
    ...{ out: (text) => void (told.out += text), err: (text) => void (told.err += text), env },
    isTty: answers.length > 0,
    ask: (question) => Promise.resolve((told.asked.push(question), left.shift() ?? '')),
  }
  const net = {
    fetch: (url: string, init: RequestInit) =>
      Promise.resolve(running.app.request(url.replace(/^https?:\/\/[^/]+/, ''), init)),
  }
  assert.equal(await login(['https://countersign.example', '--person', 'dan'], io, net), 0)
  told.out = ''
  const open = (config: string) => {
    told.opened.push(config)
    return Promise.resolve({
      order(wanted: { readonly name: string | undefined }) {
        told.local.push(wanted)
        return Promise.resolve(wanted.name === 'nobody' ? undefined : COUNTS)
      },
      resume(wanted: { readonly name: string | undefined }) {
        told.local.push(wanted)
        return Promise.resolve(wanted.name !== 'other')
      },
      close: () => Promise.resolve(void (told.closed += 1)),
    })
  }
  const [stop, resume] = [createStopCommand(open, net), createResumeCommand(open, net)]
  return {
    told,
    state: running.state,
    stop: (...argv: string[]) => stop(argv, io),
    resume: (...argv: string[]) => resume(argv, io),
  }
}

test('stop says what it will end, asks for the code, and says what it ended', async () => {
  const { told, state, stop } = await machine(['100001'])
  assert.equal(await stop('target', 'cards', '--reason', 'incident 7'), 0)
  assert.match(told.err, /this ends all sessions and grants for cards and lets nobody in until it is resumed/)
  assert.deepEqual(told.asked, ['One-time code (empty leaves it as it is): '])
  assert.equal(told.out, 'stopped: 1 session, 2 waiting statements, 3 grants, 4 credentials\n')
  assert.deepEqual(state.stops, [
    { scope: 'target', name: 'cards', reason: 'incident 7', by: 'dan', origin: '192.0.2.7' },
  ])
})

test('no code leaves everything as it was', async () => {
  const { told, state, stop } = await machine([''])
  assert.equal(await stop('everything', '--reason', 'incident 7'), 1)
  assert.match(told.err, /left as it was/)
  assert.deepEqual(state.stops, [])
})

test('a script gives the code and reads JSON', async () => {
  const { told, stop } = await machine()
  assert.equal(await stop('everything', '--reason', 'x', '--code', '100001', '--json'), 0)
  assert.deepEqual(JSON.parse(told.out), { scope: 'everything', name: null, reason: 'x', ...COUNTS })
  assert.equal(await stop('everything', '--reason', 'x'), 2)
})

test('what cannot be meant is wrong usage, before anything is asked or opened', async () => {
  const { told, state, stop, resume } = await machine(['100001'])
  const wrong = [
    stop('everything', 'cards', '--reason', 'x'),
    stop('target', '--reason', 'x'),
    stop('target', 'cards'),
    stop('planet', 'earth', '--reason', 'x'),
    stop('target', 'cards', '--reason', 'x', '--config', 'a.yaml'),
    resume('session', 's_1', '--reason', 'x'),
    resume('target', '--reason', 'x'),
  ]
  assert.deepEqual(
    await Promise.all(wrong),
    wrong.map(() => 2),
  )
  assert.deepEqual([told.asked, told.opened, state.stops], [[], [], []])
})

test('without a login the data folder is enough, on the machine that has it', async () => {
  const { told, state, stop, resume } = await machine()
  assert.equal(await stop('person', 'alice', '--reason', 'x', '--local', '--config', 'a.yaml'), 0)
  assert.equal(await stop('person', 'nobody', '--reason', 'x', '--local'), 1)
  assert.equal(await resume('target', 'cards', '--reason', 'x', '--local'), 0)
  assert.equal(await resume('target', 'other', '--reason', 'x', '--local'), 1)
  assert.deepEqual(told.opened, ['a.yaml', 'countersign.yaml', 'countersign.yaml', 'countersign.yaml'])
  assert.deepEqual([told.closed, told.asked, state.stops], [4, [], []])
  assert.match(told.err, /there is no such person/)
})

test('resume lets logins in again, and says where nothing was stopped', async () => {
  const { told, state, resume } = await machine()
  assert.equal(await resume('target', 'cards', '--reason', 'over', '--code', '100001'), 0)
  assert.match(told.out, /new logins are let in again; what was revoked stays revoked/)
  assert.equal(await resume('everything', '--reason', 'over', '--code', '100002'), 1)
  assert.equal(state.resumed.length, 2)
})
