import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { NO_ATTRIBUTES } from '../../../src/protocol/ssh/sftp-attributes.ts'
import { OPEN, STATUS } from '../../../src/protocol/ssh/sftp-numbers.ts'
import { FilesStage, hasSftpServer, realServer, type Judge } from '../../support/files-stage.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe("over OpenSSH's own server", { skip: !hasSftpServer && 'there is no sftp-server here' }, () => {
  const stops: (() => void)[] = []
  after(() => {
    for (const stop of stops) stop()
  })

  async function stage(judge?: Judge) {
    const { folder, upstream, stop } = realServer()
    stops.push(stop)
    const files = new FilesStage(upstream, judge)
    const extensions = await files.client.greet()
    return { files, client: files.client, folder, extensions, at: (name: string) => path.join(folder, name) }
  }

  test('extensions whose requests nobody here reads are not offered', async () => {
    const { extensions, client } = await stage()
    assert.ok(extensions.includes('posix-rename@openssh.com'))
    assert.ok(extensions.includes('limits@openssh.com'))
    assert.ok(!extensions.includes('copy-data'))
    client.end()
  })

  test('a download is judged by its real path and recorded with size and hash', async () => {
    const { files, client, at } = await stage()
    const content = randomBytes(300_000)
    mkdirSync(at('sub'))
    writeFileSync(at('sub/report.bin'), content)
    assert.deepEqual(await client.get('./sub/../sub//report.bin'), content)
    assert.deepEqual(files.judged, [`read ${at('sub/report.bin')}`])
    assert.deepEqual(files.statements[0]?.resolved, true)
    const [event] = files.files
    assert.ok(event !== undefined)
    assert.deepEqual(event.read, { bytes: 300_000, sha256: sha256(content), whole: true, pans: 0 })
    assert.deepEqual([event.end, event.path], ['done', at('sub/report.bin')])
    assert.deepEqual(files.settled, ['1 done'])
    client.end()
    assert.deepEqual(await files.over, { by: 'client', error: undefined })
  })

  test('an upload is recorded with size and hash, and arrives as it was sent', async () => {
    const { files, client, at } = await stage()
    const content = randomBytes(200_001)
    await client.put('up.bin', content)
    assert.deepEqual(readFileSync(at('up.bin')), content)
    assert.deepEqual(files.files[0]?.written, { bytes: 200_001, sha256: sha256(content), whole: true, pans: 0 })
    client.end()
  })

  test('a link is judged by what it leads to', async () => {
    const { files, client, at } = await stage(({ path: name }) => (name.endsWith('/secret') ? 'deny' : 'clear'))
    writeFileSync(at('secret'), 'x')
    symlinkSync('secret', at('harmless'))
    await assert.rejects(client.open('harmless', OPEN.read), /status 3/)
    assert.deepEqual(files.judged, [`read ${at('secret')}`])
    assert.deepEqual(files.told, ['not here'])
    client.end()
  })

  test('a link that is moved while its request waits does not change what was approved', async () => {
    const verdict = Promise.withResolvers<'clear'>()
    const { files, client, at } = await stage(() => ({ held: verdict.promise }))
    writeFileSync(at('log'), 'fine')
    writeFileSync(at('secret'), 'secret')
    symlinkSync('log', at('link'))
    const opened = client.ask({ name: 'open', path: 'link', flags: OPEN.read, attributes: NO_ATTRIBUTES })
    while (files.statements.length === 0) await new Promise(setImmediate)
    const { renameSync } = await import('node:fs')
    renameSync(at('log'), at('old'))
    symlinkSync('secret', at('log'))
    verdict.resolve('clear')
    assert.deepEqual(await opened.then((reply) => reply.name === 'status' && reply.code), STATUS.permissionDenied)
    assert.match(files.told[0] ?? '', /leads elsewhere/)
    assert.deepEqual(files.settled, ['1 failed'])
    client.end()
  })

  test('removing, renaming and looking at a link mean the link itself', async () => {
    const { files, client, at } = await stage()
    writeFileSync(at('file'), 'x')
    symlinkSync('file', at('link'))
    assert.equal((await client.ask({ name: 'lstat', path: 'link' })).name, 'attrs')
    assert.equal((await client.ask({ name: 'readlink', path: 'link' })).name, 'name')
    assert.equal(await client.status({ name: 'rename', path: 'link', to: 'other' }), STATUS.ok)
    assert.equal(await client.status({ name: 'remove', path: 'other' }), STATUS.ok)
    assert.deepEqual(files.judged, [
      `stat ${at('link')}`,
      `stat ${at('link')}`,
      `rename ${at('link')} ${at('other')}`,
      `remove ${at('other')}`,
    ])
    assert.equal(readFileSync(at('file'), 'utf8'), 'x')
    client.end()
  })

  test('a symbolic link is made as clients and server have agreed: what it leads to first, its name second', async () => {
    const { files, client, at } = await stage()
    mkdirSync(at('d'))
    assert.equal(await client.status({ name: 'symlink', leadsTo: '../d/x', link: 'd/new' }), STATUS.ok)
    assert.equal(readlinkSync(at('d/new')), '../d/x')
    assert.deepEqual(files.judged, [`link ${at('d/new')} ${at('d/x')}`])
    client.end()
  })

  test('folders, attributes and hard links are judged by name', async () => {
    const { files, client, at } = await stage()
    writeFileSync(at('f'), 'abc')
    const mode = { ...NO_ATTRIBUTES, mode: 0o600 }
    assert.equal(await client.status({ name: 'mkdir', path: 'd/', attributes: NO_ATTRIBUTES }), STATUS.ok)
    assert.equal(await client.status({ name: 'setstat', path: 'f', attributes: mode }), STATUS.ok)
    assert.equal(statSync(at('f')).mode & 0o777, 0o600)
    assert.equal(
      await client.status({ name: 'setstat', path: 'f', attributes: { ...NO_ATTRIBUTES, size: 1n } }),
      STATUS.ok,
    )
    assert.equal(await client.status({ name: 'hardlink', path: 'f', to: 'd/g' }), STATUS.ok)
    assert.equal(await client.status({ name: 'posixRename', path: 'd/g', to: 'd/h' }), STATUS.ok)
    assert.equal(await client.status({ name: 'lsetstat', path: 'd/h', attributes: mode }), STATUS.ok)
    assert.equal((await client.ask({ name: 'statvfs', path: '.' })).name, 'extendedReply')
    assert.equal(await client.status({ name: 'remove', path: 'd/h' }), STATUS.ok)
    assert.equal(await client.status({ name: 'rmdir', path: 'd' }), STATUS.ok)
    assert.deepEqual(files.judged, [
      `make-directory ${at('d')}`,
      `attributes ${at('f')}`,
      `write ${at('f')}`,
      `link ${at('d/g')} ${at('f')}`,
      `rename ${at('d/g')} ${at('d/h')}`,
      `attributes ${at('d/h')}`,
      `stat ${at('.').replace(/\/\.$/, '')}`,
      `remove ${at('d/h')}`,
      `remove-directory ${at('d')}`,
    ])
    assert.ok(files.files.every(({ end }) => end === 'done'))
    assert.equal(files.files.length, files.judged.length)
    client.end()
  })

  test('a listing is judged once and its names pass', async () => {
    const { files, client, at } = await stage()
    writeFileSync(at('4111111111111111.csv'), 'x')
    const opened = await client.ask({ name: 'opendir', path: '.' })
    assert.ok(opened.name === 'handle')
    const listed = await client.packet({ name: 'readdir', handle: opened.handle })
    assert.ok(listed.bytes.includes('4111111111111111.csv'))
    assert.equal(await client.status({ name: 'close', handle: opened.handle }), STATUS.ok)
    assert.equal(files.judged.length, 1)
    assert.match(files.judged[0] ?? '', /^list /)
    await client.get('4111111111111111.csv')
    assert.match(files.files.at(-1)?.path ?? '', /411111\*{6}1111\.csv$/)
    client.end()
  })

  test('card numbers in a download are counted and the content is left alone', async () => {
    const { files, client, at } = await stage()
    const text = `${'x'.repeat(32760)}4111 1111 1111 1111\n5555555555554444\n`
    writeFileSync(at('cards'), text)
    assert.equal((await client.get('cards')).toString(), text)
    assert.equal(files.files[0]?.read?.pans, 2)
    const found = files.events.filter((event) => event.kind === 'find')
    assert.equal(
      found.reduce((sum, { count }) => sum + count, 0),
      2,
    )
    client.end()
  })

  test('what the target itself cannot find is answered by the target, and kept as an attempt', async () => {
    const { files, client } = await stage()
    assert.equal(await client.status({ name: 'stat', path: 'no/such/thing' }), STATUS.noSuchFile)
    assert.deepEqual(files.judged, [])
    assert.deepEqual(
      files.files.map(({ end, operation, statement }) => [end, operation, statement]),
      [['failed', 'stat', undefined]],
    )
    client.end()
  })

  test('a file is opened for reading and writing only if both are allowed', async () => {
    const { files, client, at } = await stage(({ operation }) => (operation === 'write' ? 'deny' : 'clear'))
    writeFileSync(at('f'), 'x')
    await assert.rejects(client.open('f', OPEN.read | OPEN.write), /status 3/)
    assert.deepEqual(files.judged, [`read ${at('f')}`, `write ${at('f')}`])
    assert.deepEqual(files.settled, ['1 failed'])
    const handle = await client.open('f', OPEN.read)
    const content = Buffer.from('y')
    assert.equal(await client.status({ name: 'write', handle, offset: 0n, content }), STATUS.permissionDenied)
    assert.equal(readFileSync(at('f'), 'utf8'), 'x')
    client.end()
  })

  test('an open with set-user-id is a change of attributes too', async () => {
    const { files, client, at } = await stage(({ operation }) => (operation === 'attributes' ? 'deny' : 'clear'))
    const opened = client.open('s', OPEN.write | OPEN.create, { ...NO_ATTRIBUTES, mode: 0o4755 })
    await assert.rejects(opened, /status 3/)
    assert.deepEqual(files.judged, [`write ${at('s')}`, `attributes ${at('s')}`])
    client.end()
  })

  test('content that does not go in order has a count and no hash', async () => {
    const { files, client, at } = await stage()
    writeFileSync(at('f'), 'abcdef')
    const handle = await client.open('f', OPEN.read)
    await client.ask({ name: 'read', handle, offset: 3n, length: 3 })
    await client.ask({ name: 'read', handle, offset: 0n, length: 3 })
    await client.ask({ name: 'close', handle })
    assert.deepEqual(files.files[0]?.read, { bytes: 6, sha256: undefined, whole: false, pans: 0 })
    client.end()
  })

  test('appending is told from writing', async () => {
    const { files, client, at } = await stage()
    writeFileSync(at('log'), 'one\n')
    const handle = await client.open('log', OPEN.write | OPEN.append)
    const [two, three] = [Buffer.from('two\n'), Buffer.from('three\n')]
    await client.ask({ name: 'write', handle, offset: 0n, content: two })
    await client.ask({ name: 'write', handle, offset: 0n, content: three })
    await client.ask({ name: 'close', handle })
    assert.equal(readFileSync(at('log'), 'utf8'), 'one\ntwo\nthree\n')
    assert.deepEqual(files.judged, [`append ${at('log')}`])
    const hash = sha256(Buffer.concat([two, three]))
    assert.deepEqual(files.files[0]?.written, { bytes: 10, sha256: hash, whole: false, pans: 0 })
    client.end()
  })

  test('requests sent without waiting take effect in their order', async () => {
    const { client, at } = await stage()
    const made = ['a', 'a/b', 'a/b/c', 'a/b/c/d'].map((name) =>
      client.status({ name: 'mkdir', path: name, attributes: NO_ATTRIBUTES }),
    )
    const moved = client.status({ name: 'rename', path: 'a/b/c/d', to: 'e' })
    assert.deepEqual(await Promise.all([...made, moved]), [0, 0, 0, 0, 0])
    assert.ok(statSync(at('e')).isDirectory())
    client.end()
  })

  test('limits are told as the smaller of both', async () => {
    const { client } = await stage()
    const reply = await client.ask({ name: 'limits' })
    assert.ok(reply.name === 'extendedReply')
    assert.deepEqual(
      [0, 8, 16].map((at) => reply.body.readBigUInt64BE(at)),
      [262144n, 261120n, 261120n],
    )
    assert.ok(reply.body.readBigUInt64BE(24) <= 1024n)
    client.end()
  })
})
