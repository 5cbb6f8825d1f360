import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { once } from 'node:events'
import { encodeFrontend } from '../../src/protocol/postgres/encode.ts'
import { cancelUpstream, dialUpstream, type Dial, type UpstreamSocket } from '../../src/proxy/postgres/dial.ts'
import { UpstreamError } from '../../src/proxy/postgres/upstream-error.ts'
import type { UpstreamTls } from '../../src/proxy/postgres/upstream-tls.ts'
import { Secret } from '../../src/std/secret.ts'
import { testCertificates } from '../support/certificates.ts'
import { ACCOUNTS, serverVersions, startServer, type TestServer } from '../support/servers.ts'

const certificates = testCertificates()
const ours: UpstreamTls = { ca: certificates.ca }
const withCertificate: UpstreamTls = {
  ca: certificates.ca,
  cert: certificates.client.cert,
  key: new Secret(certificates.client.key),
}

const failsWith = (code: string) => (error: unknown) => error instanceof UpstreamError && error.code === code

/** Sends one query by hand and resolves once its ReadyForQuery came, with all bytes. */
async function ask({ socket }: UpstreamSocket, text: string): Promise<string> {
  let got = ''
  const read = (chunk: Buffer): void => void (got += chunk.toString('latin1'))
  socket.on('data', read)
  socket.write(encodeFrontend({ name: 'query', text }))
  while (!/Z\0\0\0\x05[ITE]$/.test(got)) await once(socket, 'data')
  socket.off('data', read)
  return got
}

/** A cancel that overtakes the statement is lost, as the manual says. */
async function untilActive(server: TestServer, text: string): Promise<void> {
  const client = await server.connect()
  const looking = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = '${text}'`
  while ((await client.query(looking)).length === 0);
  client.close()
}

for (const version of serverVersions) {
  describe(`dialling Postgres ${version}`, () => {
    let plain: TestServer
    let encrypted: TestServer
    before(async () => {
      plain = await startServer({ version })
      encrypted = await startServer({ version, tls: certificates.server })
    })
    after(async () => {
      await plain.stop()
      await encrypted.stop()
    })
    const over = (tls: UpstreamTls, change: Partial<Dial> = {}): Dial =>
      encrypted.dial({ target: { host: 'localhost', port: encrypted.port, tls }, ...change })

    test('logs in with SCRAM, and the socket is ready for its next owner', async () => {
      const upstream = await dialUpstream(plain.dial({ parameters: new Map([['application_name', 'alice']]) }))
      assert.equal(upstream.proof, 'scram')
      assert.equal(upstream.tls, undefined)
      assert.equal(upstream.parameters.get('application_name'), 'alice')
      assert.equal(upstream.parameters.get('server_version')?.startsWith(String(version)), true)
      assert.equal(upstream.leftover.length, 0)
      assert.equal(upstream.socket.isPaused(), false)
      assert.equal(upstream.socket.listenerCount('data') + upstream.socket.listenerCount('readable'), 0)
      assert.match(await ask(upstream, 'SELECT 40 + 2'), /42/)
      upstream.socket.destroy()
    })

    test('binds SCRAM to the certificate where there is TLS', async () => {
      const upstream = await dialUpstream(over(ours))
      assert.equal(upstream.proof, 'scram-plus')
      assert.equal(upstream.tls?.protocol, 'TLSv1.3')
      assert.match(await ask(upstream, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), /t/)
      upstream.socket.destroy()
    })

    const logins: readonly (readonly [string, () => Dial, string])[] = [
      ['md5', () => plain.dial({ user: ACCOUNTS.md5 }), 'md5'],
      ['a password in the clear inside verified TLS', () => over(ours, { user: ACCOUNTS.cleartext }), 'cleartext'],
      [
        'a client certificate',
        () => over(withCertificate, { user: ACCOUNTS.certificate, password: undefined }),
        'none',
      ],
      ['nothing, where the server asks for nothing', () => plain.dial({ user: ACCOUNTS.trust }), 'none'],
      [
        'an IP address that the certificate names',
        () => over(ours, { target: { host: '127.0.0.1', port: encrypted.port, tls: ours } }),
        'scram-plus',
      ],
    ]
    for (const [how, dial, proof] of logins) {
      test(`logs in with ${how}`, async () => {
        const upstream = await dialUpstream(dial())
        assert.equal(upstream.proof, proof)
        upstream.socket.destroy()
      })
    }

    const refusals: readonly (readonly [string, () => Dial, string])[] = [
      ['a wrong password', () => plain.dial({ password: new Secret('wrong') }), 'E_UPSTREAM_AUTH'],
      ['an unknown account', () => plain.dial({ user: 'nobody-here' }), 'E_UPSTREAM_AUTH'],
      ['no password where one is asked for', () => plain.dial({ password: undefined }), 'E_UPSTREAM_AUTH'],
      ['a password in the clear without TLS', () => plain.dial({ user: ACCOUNTS.cleartext }), 'E_UPSTREAM_AUTH'],
      [
        'no client certificate where one is asked for',
        () => over(ours, { user: ACCOUNTS.certificate }),
        'E_UPSTREAM_AUTH',
      ],
      ['an unknown database', () => plain.dial({ user: ACCOUNTS.superuser, database: 'none' }), 'E_UPSTREAM_DATABASE'],
      ['a database that is not for the account', () => plain.dial({ database: 'postgres' }), 'E_UPSTREAM_DATABASE'],
      [
        'a server without TLS where TLS is demanded',
        () => plain.dial({ target: { host: 'localhost', port: plain.port, tls: ours } }),
        'E_UPSTREAM_TLS',
      ],
      ['an authority that this machine does not trust', () => over('verify-full'), 'E_UPSTREAM_TLS'],
      ['another authority', () => over({ ca: certificates.stranger.cert }), 'E_UPSTREAM_TLS'],
    ]
    for (const [what, dial, code] of refusals) {
      test(`gives ${code} for ${what}`, async () => {
        await assert.rejects(dialUpstream(dial()), failsWith(code))
      })
    }

    test('cancels a running statement, with and without TLS', async () => {
      const plainDial = plain.dial()
      for (const dial of [plainDial, over(ours)]) {
        const upstream = await dialUpstream(dial)
        const asked = ask(upstream, 'SELECT pg_sleep(60)')
        await untilActive(dial === plainDial ? plain : encrypted, 'SELECT pg_sleep(60)')
        const { target, clock, deadlineMs } = dial
        assert.ok(upstream.backendKey)
        await cancelUpstream({ target, clock, deadlineMs, backendKey: upstream.backendKey })
        assert.match(await asked, /57014/)
        upstream.socket.destroy()
      }
    })
  })
}

test('a certificate for another host is refused', async () => {
  const server = await startServer({ tls: certificates.elsewhere })
  await assert.rejects(
    dialUpstream(server.dial({ target: { host: 'localhost', port: server.port, tls: ours } })),
    failsWith('E_UPSTREAM_TLS'),
  )
  await server.stop()
})
