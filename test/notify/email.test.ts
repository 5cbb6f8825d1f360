import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { createEmail } from '../../src/notify/email.ts'
import type { EmailDeps } from '../../src/notify/email.ts'
import { Secret } from '../../src/std/secret.ts'
import { testCertificates } from '../support/certificates.ts'
import { HOSTILE, notices } from './hostile.ts'

const { ca, server: certificate, stranger } = testCertificates()
const REACH = { privateAddresses: false, loopbackHttp: true }
const PASSWORD = new Secret('mail-password-of-a-test')

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly secure: boolean
  readonly user: unknown
  readonly text: string
}

/** A real mail server on this machine, with STARTTLS unless told otherwise. */
async function mailServer(t: TestContext, options: SMTPServerOptions = {}) {
  const got: Mail[] = []
  const server = new SMTPServer({
    ...{ ...certificate, authOptional: true, disableReverseLookup: true, logger: false },
    onAuth({ username, password }, _session, done) {
      if (password === PASSWORD.reveal()) done(null, { user: username ?? '' })
      else done(new Error('no'))
    },
    onData(stream, { envelope, secure, ...rest }, done) {
      const user: unknown = rest.user
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        got.push({ from, to, secure, user, text: Buffer.concat(chunks).toString() })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  return { got, port }
}

const email = (port: number, more: Partial<EmailDeps> = {}) =>
  createEmail({
    ...{ name: 'mail', host: '127.0.0.1', port, tls: 'starttls', ca, reach: REACH },
    ...{ from: 'countersign@example.com', to: ['oncall@example.com', 'duty@example.com'] },
    ...more,
  })

const letterOf = (channel: ReturnType<typeof email>, name = 'payments', which = 0) => {
  const notice = notices(name)[which]
  assert.ok(notice)
  return { id: 'm_abcdefghij01', body: channel.compose(notice, 'm_abcdefghij01') }
}

/** Header lines with their folds undone, and the text with its encoding undone. */
function parted({ text }: Mail): { readonly headers: readonly string[]; readonly body: string } {
  const end = text.indexOf('\r\n\r\n')
  const body = text.slice(end + 4).replaceAll('=\r\n', '')
  const plain = body.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return {
    headers: text
      .slice(0, end)
      .replaceAll(/\r\n[ \t]+/g, ' ')
      .split('\r\n'),
    body: plain,
  }
}

test('a mail arrives over STARTTLS with a login, as plain text, to everybody named', async (t) => {
  const { got, port } = await mailServer(t)
  const channel = email(port, { user: 'countersign', password: PASSWORD })
  assert.deepEqual(await channel.send(letterOf(channel)), { outcome: 'delivered' })
  const [mail] = got
  assert.ok(mail)
  assert.deepEqual([mail.from, mail.to], ['countersign@example.com', ['oncall@example.com', 'duty@example.com']])
  assert.deepEqual([mail.secure, mail.user], [true, 'countersign'])
  const { headers, body } = parted(mail)
  assert.ok(headers.includes('Subject: alice asks to countersign a statement on cards'))
  assert.ok(headers.includes('Message-ID: <m_abcdefghij01@example.com>'))
  assert.ok(headers.includes('Auto-Submitted: auto-generated'))
  assert.ok(headers.some((line) => line.startsWith('Content-Type: text/plain')))
  assert.match(
    body,
    /Tables: payments \(payments\)\r\n[^]*https:\/\/countersign\.example\/approvals\/a_abcdefghij01\r\n/,
  )
})

for (const [number, name] of HOSTILE.entries()) {
  test(`hostile text ${number} adds no header, no recipient and no second body`, async (t) => {
    const { got, port } = await mailServer(t)
    const channel = email(port)
    for (const which of [0, 1, 2]) {
      assert.deepEqual(await channel.send(letterOf(channel, name, which)), { outcome: 'delivered' })
    }
    const names = got.map((mail) =>
      parted(mail)
        .headers.map((line) => line.split(':')[0])
        .sort(),
    )
    const known = ['Auto-Submitted', 'Content-Transfer-Encoding', 'Content-Type', 'Countersign-Delivery', 'Date']
    for (const headers of names)
      assert.deepEqual(headers, [...known, 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To'])
    for (const { to } of got) assert.deepEqual(to, ['oncall@example.com', 'duty@example.com'])
  })
}

test('a line end in the stored subject is no header, should a body ever be stored so', async (t) => {
  const { got, port } = await mailServer(t)
  const body = 'subject\rBcc: everybody@evil.example\rX: y\ntext\r\n.\r\nMAIL FROM:<x@evil.example>\r\n'
  assert.equal((await email(port).send({ id: 'm_1', body })).outcome, 'delivered')
  assert.equal(got.length, 1)
  const [mail] = got
  assert.ok(mail)
  assert.ok(!parted(mail).headers.some((line) => /^(bcc|x):/i.test(line)))
})

test('a server that offers no STARTTLS gets nothing, not even the password', async (t) => {
  const commands: string[] = []
  const { got, port } = await mailServer(t, {
    hideSTARTTLS: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => {
      commands.push('auth')
      done(null, { user: 'x' })
    },
  })
  const channel = email(port, { user: 'countersign', password: PASSWORD })
  assert.deepEqual(await channel.send(letterOf(channel)), { outcome: 'later', reason: 'TLS could not be established' })
  assert.deepEqual([got, commands], [[], []])
})

test('a certificate that nobody vouches for ends the attempt', async (t) => {
  const { got, port } = await mailServer(t, { ...stranger })
  const channel = email(port)
  const sent = await channel.send(letterOf(channel))
  assert.equal(sent.outcome, 'later')
  assert.deepEqual(got, [])
})

test('implicit TLS, and none at all where this machine is written', async (t) => {
  const [secure, plain] = [await mailServer(t, { secure: true }), await mailServer(t, { hideSTARTTLS: true })]
  const [first, second] = [email(secure.port, { tls: 'implicit' }), email(plain.port, { tls: 'off' })]
  assert.deepEqual(await first.send(letterOf(first)), { outcome: 'delivered' })
  assert.deepEqual(await second.send(letterOf(second)), { outcome: 'delivered' })
  assert.deepEqual([secure.got[0]?.secure, plain.got[0]?.secure], [true, false])
})

test('a wrong password is told in our words and tried again; a refused recipient is not', async (t) => {
  const reject = (code: number): SMTPServerOptions => ({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('quoted text'), { responseCode: code })),
  })
  const [closed, gone, busy] = [await mailServer(t), await mailServer(t, reject(550)), await mailServer(t, reject(451))]
  const wrong = email(closed.port, { user: 'countersign', password: new Secret('wrong') })
  assert.deepEqual(await wrong.send(letterOf(wrong)), {
    outcome: 'later',
    reason: 'the server refused our credentials',
  })
  const [to, later] = [email(gone.port), email(busy.port)]
  assert.deepEqual(await to.send(letterOf(to)), { outcome: 'refused', reason: 'status 550' })
  assert.deepEqual(await later.send(letterOf(later)), { outcome: 'later', reason: 'status 451' })
})

test('a server that never says a word costs the time limit and no more', async (t) => {
  const sockets: { destroy(): void }[] = []
  const silent = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const { port } = silent.address() as AddressInfo
  const channel = email(port, { timeoutMs: 100 })
  assert.deepEqual(await channel.send(letterOf(channel)), { outcome: 'later', reason: 'no answer in time' })
})

test('a mail server is reached where it was looked up and nowhere inside', async (t) => {
  const { got, port } = await mailServer(t)
  let asked = 0
  const resolve = (): Promise<readonly string[]> => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '169.254.169.254'])
  const near = email(port, { host: 'localhost', reach: REACH, resolve })
  assert.deepEqual(await near.send(letterOf(near)), { outcome: 'delivered' })
  assert.deepEqual([asked, got.length], [1, 1])
  for (const address of ['169.254.169.254', '::ffff:a9fe:a9fe', '10.0.0.1', '127.0.0.1', 'fd00:ec2::254']) {
    const inside = email(port, { host: 'mail.example.com', resolve: () => Promise.resolve([address]) })
    assert.equal((await inside.send(letterOf(inside))).outcome, 'refused', address)
  }
  const unlisted = email(port, { reach: { ...REACH, hosts: new Set(['mail.example.com']) } })
  assert.equal((await unlisted.send(letterOf(unlisted))).outcome, 'refused')
  assert.equal(got.length, 1)
})

test('plaintext goes to this machine only', async () => {
  const channel = email(25, { host: 'mail.example.com', tls: 'off', resolve: () => Promise.resolve(['93.184.215.14']) })
  assert.deepEqual(await channel.send(letterOf(channel)), {
    outcome: 'refused',
    reason: 'plaintext leads to loopback only',
  })
})
