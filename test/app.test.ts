import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { startApp, type App } from '../src/app.ts'
import { loadConfig } from '../src/config/load.ts'
import { systemClock } from '../src/std/clock.ts'
import { testCertificates, type Certificate } from './support/certificates.ts'

const { server, stranger } = testCertificates()

interface Node {
  readonly app: App
  readonly errors: readonly string[]
  readonly certify: (pair: Certificate) => void
}

/** A node with TLS at both doors and a target that nobody reaches. */
async function started(t: TestContext): Promise<Node> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-app-'))
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text, { mode: 0o600 })
  const certify = ({ cert, key }: Certificate): void => {
    write('cert.pem', cert)
    write('key.pem', key)
  }
  certify(server)
  cpSync('policies', path.join(folder, 'policies'), { recursive: true })
  write(
    'countersign.yaml',
    `publicUrl: https://localhost:8443
listen: { postgres: 127.0.0.1:0, http: 127.0.0.1:0 }
tls: { cert: ./cert.pem, key: ./key.pem }
targets:
  cards: { protocol: postgres, address: 127.0.0.1:1, database: cards, user: app, password: { env: SECRET }, tls: off }
`,
  )
  const config = loadConfig(path.join(folder, 'countersign.yaml'), { SECRET: 'made up' })
  const errors: string[] = []
  const quiet = (): void => undefined
  const log = { info: quiet, warn: quiet, error: (_: object, message: string) => void errors.push(message) }
  const app = await startApp({ config, clock: systemClock, log, version: '0', onFatal: (why) => errors.push(why) })
  t.after(async () => {
    await app.stop()
    rmSync(folder, { recursive: true })
  })
  return { app, errors, certify }
}

/** The certificate that the API shows to a new connection, PEM without line ends. */
async function shown(app: App): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: app.ports.http, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const raw = socket.getPeerX509Certificate()?.toString() ?? ''
  socket.destroy()
  return raw.trim()
}

test('a reload takes the new certificate for the API, and keeps the old one where the new one cannot be used', async (t) => {
  const { app, errors, certify } = await started(t)
  assert.equal(await shown(app), server.cert.trim())
  certify(stranger)
  await app.reload()
  assert.equal(await shown(app), stranger.cert.trim())
  certify({ cert: server.cert, key: stranger.key })
  await app.reload()
  assert.equal(await shown(app), stranger.cert.trim())
  assert.deepEqual(errors, ['the certificate cannot be used; the old one stays in force'])
})

test('a connection that stays open does not keep a node from stopping', async (t) => {
  const { app } = await started(t)
  const socket = connect({ host: '127.0.0.1', port: app.ports.http, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const cut = once(socket, 'close')
  socket.on('error', () => undefined)
  socket.write('GET /api/v1/me HTTP/1.1\r\n')
  const begun = performance.now()
  await app.stop()
  await cut
  assert.ok(performance.now() - begun < 5000)
})
