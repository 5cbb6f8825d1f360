import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { exchangeKeys, heard, letIn, run } from '../support/ssh-packets.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

const HELD = 'chmod 4755 /etc/nobody-has-this; echo after'

describe('keys that are exchanged anew', { skip: withoutSshd, timeout: 20_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage()
  })
  after(() => stage.stop())

  test('while a command waits for a second person: it waits on, and runs as it was approved', async () => {
    const { client } = await letIn(stage.port, stage.password)
    const said = heard(await run(client, HELD))
    await stage.held(HELD)
    for (let round = 0; round < 5; round += 1) await exchangeKeys(client)
    await stage.approve(HELD)
    await exchangeKeys(client)
    const { out, code } = await said
    assert.deepEqual([out, code], ['after\n', 0])
    client.end()
  })

  test('in the middle of a line at the prompt: the line runs as it was typed', async () => {
    const { client } = await letIn(stage.port, stage.password)
    const shell = await new Promise<ClientChannel>((resolve, reject) =>
      client.shell({ term: 'xterm', cols: 80, rows: 24 }, (error, channel) =>
        error === undefined ? resolve(channel) : reject(error),
      ),
    )
    let shown = ''
    shell.on('data', (bytes: Buffer) => (shown += bytes.toString()))
    const sees = async (text: RegExp): Promise<void> => {
      while (!text.test(shown)) await setTimeout(10)
    }
    await sees(/web-1:[^]*\$ $/)
    for (const piece of ['echo ', 'one-', 'two-', 'thr', 'ee\r']) {
      shell.write(piece)
      await exchangeKeys(client)
    }
    await sees(/echo one-two-three\r[^]*one-two-three\r[^]*web-1:[^]*\$ $/)
    shell.write('\u0004')
    await new Promise((resolve) => shell.once('close', resolve))
    client.end()
  })

  test('under two transfers at once, both ways, changes no byte', async () => {
    const { client } = await letIn(stage.port, stage.password)
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => `${at}\n`).join(''))
    const channels = await Promise.all([run(client, 'cat'), run(client, 'cat')])
    const all = channels.map(heard)
    for (const channel of channels) channel.end(bytes)
    for (let round = 0; round < 10; round += 1) await exchangeKeys(client)
    for (const { out, code } of await Promise.all(all)) assert.deepEqual([out === bytes.toString(), code], [true, 0])
    client.end()
  })
})
