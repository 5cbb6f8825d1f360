import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { startWebHost, type WebHost } from '../../../src/cli/demo/web-host.ts'

const over = (host: WebHost, command: string): string =>
  execFileSync(
    'ssh',
    [
      ...['-F', 'none', '-i', host.keyFile, '-p', String(host.port), '-o', 'BatchMode=yes'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
      ...[`${host.user}@127.0.0.1`, command],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  )

const refusedAt = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })

test('the demo starts a real host that runs commands under an ordinary account, and leaves nothing of it', async (context) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-web-'))
  execFileSync('chmod', ['711', folder])
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const host = await startWebHost(path.join(folder, 'web-1'))
  if ('missing' in host) {
    assert.notEqual(process.env['CI'], 'true', host.missing)
    context.skip(host.missing)
    return
  }
  try {
    assert.notEqual(over(host, 'id -u').trim(), '0')
    assert.match(over(host, `cat ${host.site}/export.csv`), /4111111111111111/)
    assert.match(host.hostKey, /^ssh-ed25519 /)
  } finally {
    await host.stop()
  }
  assert.equal(await refusedAt(host.port), 'ECONNREFUSED')
  await host.stop()
})
