import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { dialSsh, type SshDial } from '../../../src/proxy/ssh/dial.ts'
import type { CertifiedKey } from '../../../src/proxy/ssh/certificate-login.ts'
import { SshUpstreamError, type SshUpstreamCode } from '../../../src/proxy/ssh/upstream-error.ts'
import { Secret } from '../../../src/std/secret.ts'
import { keygen, startSshd, withoutSshd, type TestSshd } from '../../support/sshd.ts'

const string = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

describe('dialling a target over SSH', { skip: withoutSshd }, () => {
  let sshd: TestSshd
  let folder: string
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-dial-'))
    keygen(['-t', 'ed25519', '-N', '', '-f', path.join(folder, 'ca')])
    sshd = await startSshd({ userCa: readFileSync(path.join(folder, 'ca.pub'), 'utf8').trim() })
  })
  after(async () => {
    await sshd.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const dial = (change: Partial<SshDial> = {}): SshDial => ({
    ...{ host: '127.0.0.1', port: sshd.port, user: sshd.user, hostKeys: [sshd.hostKeyBlob], deadlineMs: 10_000 },
    login: { kind: 'key', key: sshd.key },
    ...change,
  })
  const failsWith = (change: Partial<SshDial>, code: SshUpstreamCode): Promise<void> =>
    assert.rejects(dialSsh(dial(change)), (error) => error instanceof SshUpstreamError && error.code === code)

  /** A key for one login, certified by ssh-keygen for this account. */
  const certified = (): CertifiedKey => {
    const { privateKey: key, publicKey } = generateKeyPairSync('ed25519')
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    const blob = Buffer.concat([string(Buffer.from('ssh-ed25519')), string(raw)])
    writeFileSync(path.join(folder, 'once.pub'), `ssh-ed25519 ${blob.toString('base64')}\n`)
    const ca = path.join(folder, 'ca')
    keygen(['-s', ca, '-I', 'test', '-n', sshd.user, '-V', '+5m', path.join(folder, 'once.pub')])
    const [, certificate = ''] = readFileSync(path.join(folder, 'once-cert.pub'), 'utf8').split(' ')
    return { key, certificate: Buffer.from(certificate, 'base64') }
  }

  test('a key that the host knows lets us in', async () => {
    const client = await dialSsh(dial())
    client.end()
  })

  test('a certificate of an authority that the host trusts lets us in without a standing key', async () => {
    const client = await dialSsh(dial({ login: { kind: 'certificate', mint: certified } }))
    client.end()
    assert.match(sshd.log(), /Accepted publickey .* ED25519-CERT/)
  })

  test('a certificate over another key is refused by the host', async () => {
    const mint = (): CertifiedKey => ({ ...certified(), key: generateKeyPairSync('ed25519').privateKey })
    await failsWith({ login: { kind: 'certificate', mint } }, 'E_UPSTREAM_AUTH')
  })

  test('another host key than the pinned one ends it before a login is tried', async () => {
    const other = Buffer.from(sshd.hostKeyBlob)
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
    const logins = (): number => sshd.log().match(/(Accepted|Failed|Postponed) /g)?.length ?? 0
    const before = logins()
    await failsWith({ hostKeys: [other] }, 'E_UPSTREAM_HOST_KEY')
    assert.equal(logins(), before)
    const thrown: unknown = await dialSsh(dial({ hostKeys: [other] })).catch((error: unknown) => error)
    assert.ok(thrown instanceof SshUpstreamError)
    assert.match(String(thrown.fields['shown']), /^SHA256:/)
    assert.notEqual(thrown.fields['shown'], thrown.fields['expected'])
  })

  test('a host that has no key of the pinned kind is as good as one with another key', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
    const number = (text: string): Buffer => string(Buffer.concat([Buffer.of(0), Buffer.from(text, 'base64url')]))
    const rsa = Buffer.concat([string(Buffer.from('ssh-rsa')), number(e), number(n)])
    await failsWith({ hostKeys: [rsa] }, 'E_UPSTREAM_HOST_KEY')
  })

  test('a wrong key, a closed port and a silent host each have their own error', async () => {
    const file = path.join(sshd.folder, 'stranger')
    keygen(['-t', 'ed25519', '-N', '', '-f', file])
    await failsWith({ login: { kind: 'key', key: new Secret(readFileSync(file, 'utf8')) } }, 'E_UPSTREAM_AUTH')
    await failsWith({ login: { kind: 'password', password: new Secret('no') } }, 'E_UPSTREAM_AUTH')
    await failsWith({ port: 1 }, 'E_UPSTREAM_UNREACHABLE')
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await failsWith({ port: port ?? 1, deadlineMs: 100 }, 'E_UPSTREAM_TIMEOUT')
    silent.close()
  })

  test('a dial that is given up leaves nothing open', async () => {
    await failsWith({ signal: AbortSignal.abort() }, 'E_UPSTREAM_ABORTED')
  })
})
