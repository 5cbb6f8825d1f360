import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { run as connect } from '../../src/cli/connect.ts'
import { saveProfile } from '../../src/cli/profile.ts'
import { apiPerson } from '../support/api-person.ts'
import { testStage, type TestStage } from '../support/stage.ts'

describe('connect where psql is missing', { timeout: 120_000 }, () => {
  let stage: TestStage
  let folder: string
  before(async () => {
    stage = await testStage()
    folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-prompt-'))
    const { url, token } = await apiPerson(stage.stage, 'ed', ['engineer'])
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    await saveProfile(path.join(folder, 'countersign', 'default.json'), { url, person: 'ed', token, expiresAt })
  })
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await stage.stop()
  })

  function start(isTty: boolean, more: readonly string[] = []) {
    const told = { out: '', err: '', screen: '' }
    const [input, output] = [new PassThrough(), new PassThrough()]
    output.on('data', (chunk: Buffer) => (told.screen += chunk.toString()))
    const io = {
      out: (text: string) => void (told.out += text),
      err: (text: string) => void (told.err += text),
      isTty,
      env: { XDG_CONFIG_HOME: folder, COUNTERSIGN_PROFILE: 'default' },
    }
    const launch = () => Promise.resolve('missing' as const)
    const net = { url: stage.stage.config.publicUrl, fetch, launch, terminal: { input, output } }
    const ended = connect(['cards', ...more], io, net)
    const until = async (text: RegExp): Promise<void> => {
      for (let tries = 0; tries < 400 && !text.test(told.out + told.err); tries += 1) await pause(25)
      assert.match(told.out + told.err, text)
    }
    return { told, input, ended, until }
  }

  test('statements of a pipe run in their order, masked, over several lines', async () => {
    const { told, input, ended } = start(false)
    input.end(
      "SELECT id, pan\n  FROM cards -- two;\n ORDER BY id LIMIT 2;\nSET application_name = 'x';\nCOPY (SELECT 'a') TO STDOUT;\n",
    )
    assert.equal(await ended, 0, told.err)
    assert.match(told.err, /^psql is not installed here/)
    assert.match(
      told.out,
      / id \| +pan\n-+\+-+\n 1 +\| 401288\*{6}1881\n 2 +\| \d{6}\*{6}\d{4}\n\(2 rows\)\n\nSET\na\nCOPY 1\n/,
    )
  })

  test('the first error ends a pipe, with the place that the server names', async () => {
    const { told, input, ended } = start(false)
    input.end('SELECT 1;\nSELECT nothing;\nSELECT 2;\n')
    assert.equal(await ended, 1)
    assert.match(told.out, /\(1 row\)\n\n$/)
    assert.match(told.err, /ERROR: {2}column "nothing" does not exist \(42703\)/)
  })

  test('what waits says so, is countersigned or taken back, and the prompt shows the transaction', async () => {
    const { told, input, ended, until } = start(true)
    await until(/Statements end with a semicolon/)
    input.write('BEGIN;\n')
    await until(/^BEGIN$/m)
    input.write('DELETE FROM payments;\n')
    await until(/NOTICE: {2}this statement is held/)
    input.write('\u0003')
    await until(/ERROR: {2}.*\(57014\)/)
    input.write('ROLLBACK;\n')
    await until(/^ROLLBACK$/m)
    input.write('DELETE FROM payments;\n')
    await pause(50)
    await stage.approve('DELETE FROM payments')
    await until(/^DELETE 5000$/m)
    input.write('SELECT 1 AS half\u0003\n')
    input.write('\\q\n')
    assert.equal(await ended, 0, told.err)
    assert.match(told.screen, /cards=> .*cards=\*> .*cards=> /s)
    assert.doesNotMatch(told.out, /half/)
  })

  test('arguments that only psql has are refused, and nothing is opened', async () => {
    const { told, ended } = start(false, ['--', '-c', 'SELECT 1'])
    assert.equal(await ended, 1)
    assert.match(told.err, /psql is not installed here, and the prompt of ours takes no arguments/)
  })
})
