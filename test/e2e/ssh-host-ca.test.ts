import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { dialSsh } from '../../src/proxy/ssh/dial.ts'
import { createCertifiedHost, type CertifiedHost } from '../../src/proxy/ssh/host-certificate.ts'
import { SshUpstreamError } from '../../src/proxy/ssh/upstream-error.ts'
import { keygen, startSshd, withoutSshd, type TestSshd } from '../support/sshd.ts'

const blob = (file: string): Buffer => Buffer.from(readFileSync(file, 'utf8').split(' ')[1] ?? '', 'base64')

describe('a target that a CA vouches for', { skip: withoutSshd }, () => {
  let folder: string
  let sshd: TestSshd
  const file = (name: string): string => path.join(folder, name)
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-host-ca-'))
    for (const name of ['ca', 'stranger', 'other']) keygen(['-t', 'ed25519', '-N', '', '-f', file(name)])
    sshd = await startSshd({ settings: [`HostKey ${file('other')}`, `HostCertificate ${file('other-cert.pub')}`] })
  })
  after(async () => {
    await sshd.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Signs the host's key; sshd reads the certificate anew for each connection. */
  const certify = (...options: string[]): void =>
    keygen(['-s', file('ca'), '-I', 'host', '-h', ...options, file('other.pub')])

  const knownBy = (ca: string, now = Date.now()): CertifiedHost =>
    createCertifiedHost({
      ...{ host: '127.0.0.1', port: sshd.port, cas: [blob(file(`${ca}.pub`))], deadlineMs: 5000, now: () => now },
    })

  const refusal = async (host: CertifiedHost): Promise<string> => {
    const thrown: unknown = await host.key(undefined).catch((error: unknown) => error)
    assert.ok(thrown instanceof SshUpstreamError, String(thrown))
    assert.equal(thrown.code, 'E_UPSTREAM_HOST_KEY')
    return thrown.message
  }

  test('is dialled by the key in its certificate, and asked for it once', async () => {
    certify('-n', 'web-1,127.0.0.1', '-V', '-5m:+1h')
    const certifiedHost = knownBy('ca')
    assert.deepEqual(await certifiedHost.key(undefined), blob(file('other.pub')))
    const login = { kind: 'key', key: sshd.key } as const
    const where = { host: '127.0.0.1', port: sshd.port, user: sshd.user, deadlineMs: 10_000 }
    const client = await dialSsh({ ...where, login, hostKeys: [], certifiedHost })
    client.end()
  })

  const WRONG: readonly [what: string, options: string[], ca: string, said: RegExp][] = [
    ['for another host', ['-n', 'web-2', '-V', '-5m:+1h'], 'ca', /for another host/],
    ['for every host', ['-V', '-5m:+1h'], 'ca', /for another host/],
    ['with a wildcard', ['-n', '127.0.0.*', '-V', '-5m:+1h'], 'ca', /for another host/],
    ['that is over', ['-n', '127.0.0.1', '-V', '20200101:20200102'], 'ca', /no longer valid/],
    ['that begins later', ['-n', '127.0.0.1', '-V', '+1h:+2h'], 'ca', /not valid yet/],
    ['of another CA', ['-n', '127.0.0.1', '-V', '-5m:+1h'], 'stranger', /CA that is not configured/],
  ]
  for (const [what, options, ca, said] of WRONG)
    test(`with a certificate ${what} is not dialled at all`, async () => {
      certify(...options)
      assert.match(await refusal(knownBy(ca)), said)
    })
})

async function strange(t: TestContext, said: string | Buffer): Promise<CertifiedHost> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(said)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return createCertifiedHost({ host: '127.0.0.1', port, cas: [], deadlineMs: 5000, now: () => 0 })
}

test('a host that says nothing, or nothing of SSH, has no key', async (t) => {
  for (const [said, code] of [
    ['', 'E_UPSTREAM_HOST_KEY'],
    ['x'.repeat(100_000), 'E_UPSTREAM_PROTOCOL'],
    [Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(99, 0xff)]), 'E_UPSTREAM_PROTOCOL'],
  ] as const) {
    const host = await strange(t, said)
    await assert.rejects(host.key(undefined), (error) => error instanceof SshUpstreamError && error.code === code)
  }
  const gone = createCertifiedHost({ host: '127.0.0.1', port: 1, cas: [], deadlineMs: 5000, now: () => 0 })
  await assert.rejects(
    gone.key(undefined),
    (error) => error instanceof SshUpstreamError && error.code === 'E_UPSTREAM_UNREACHABLE',
  )
})
