import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Client, ClientChannel } from 'ssh2'
import { OPEN, STATUS } from '../../src/protocol/ssh/sftp-numbers.ts'
import { SftpClient } from '../support/sftp-client.ts'
import { letIn } from '../support/ssh-packets.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

describe('files by odd names and odd handles', { skip: withoutSshd, timeout: 20_000 }, () => {
  let stage: SshStage
  let client: Client
  let files: SftpClient
  let folder: string
  before(async () => {
    stage = await sshStage()
    client = (await letIn(stage.port, stage.password)).client
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      client.subsys('sftp', (error, opened) => (error === undefined ? resolve(opened) : reject(error))),
    )
    files = new SftpClient(channel)
    await files.greet()
    folder = path.join(stage.folder, 'files')
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'a'), 'hello')
  })
  after(async () => {
    client.end()
    await stage.stop()
  })

  test('a path is judged by where it leads, however it is written', async () => {
    for (const odd of [`/${folder}//a`, `${folder}/./a`, `${folder}/../files/a`])
      assert.equal((await files.get(odd)).toString(), 'hello', odd)
    const told = (): readonly string[] => stage.recorded().match(/"kind":"ssh\.file"[^\n]*?"path":"[^"]*"/g) ?? []
    while (told().length < 3) await setTimeout(10)
    for (const line of told()) assert.ok(line.endsWith(`"path":"${folder}/a"`), line)
  })

  test('a path that no file can have is answered, and the transfer goes on', async () => {
    const odd: [string, number][] = [
      [`${folder}/a.`, STATUS.noSuchFile],
      [`${folder}/a\0b`, STATUS.badMessage],
      [`/${'x'.repeat(20_000)}`, STATUS.badMessage],
      ['/x'.repeat(10_000), STATUS.badMessage],
    ]
    for (const [name, code] of odd)
      assert.equal(await files.status({ name: 'stat', path: name }), code, name.slice(0, 40))
    assert.equal((await files.get(`${folder}/a`)).toString(), 'hello')
  })

  test('a handle serves what it was opened for, and nothing once it is closed', async () => {
    const handle = await files.open(`${folder}/b`, OPEN.write | OPEN.create | OPEN.truncate)
    const read = { name: 'read', handle, offset: 0n, length: 10 } as const
    const write = { name: 'write', handle, offset: 0n, content: Buffer.from('x') } as const
    assert.equal(await files.status(read), STATUS.permissionDenied)
    assert.equal(await files.status(write), STATUS.ok)
    // Sent without waiting: what comes behind the close finds no file.
    const close = files.status({ name: 'close', handle })
    const behind = [write, read, { name: 'close', handle } as const].map((one) => files.status(one))
    assert.equal(await close, STATUS.ok)
    assert.deepEqual(await Promise.all(behind), [STATUS.failure, STATUS.failure, STATUS.failure])
    const other = await files.open(`${folder}/a`, OPEN.read)
    assert.equal(await files.status({ name: 'write', handle: other, offset: 0n, content: Buffer.from('x') }), STATUS.permissionDenied) // prettier-ignore
    assert.equal(await files.status({ name: 'close', handle: other }), STATUS.ok)
  })
})
