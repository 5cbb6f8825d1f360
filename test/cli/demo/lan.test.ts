import assert from 'node:assert/strict'
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { addressesOf, openLan } from '../../../src/cli/demo/lan.ts'
import { selfSigned } from '../../../src/cli/demo/self-signed.ts'
import { scratch } from '../../recording/node.ts'

const HOSTS = ['192.168.1.5', 'box', 'box.local', 'localhost', '127.0.0.1', '::1', 'fe80::1:2']
const NOW = Date.now()
const card = (address: string, more: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo => ({
  ...{ address, netmask: '255.255.255.0', family: 'IPv4', mac: '00:00:00:00:00:00', internal: false, cidr: null },
  ...(more as object),
})

test('the certificate is for every name and address, signed by its own key, and for thirty days', () => {
  const { cert, key, fingerprint } = selfSigned({ hosts: HOSTS, now: NOW })
  const read = new X509Certificate(cert)
  for (const host of ['box', 'box.local', 'localhost']) assert.equal(read.checkHost(host), host)
  for (const address of ['192.168.1.5', '127.0.0.1', '::1', 'fe80::1:2']) {
    assert.equal(read.checkIP(address), address)
  }
  assert.equal(read.checkHost('elsewhere'), undefined)
  assert.ok(read.verify(read.publicKey) && read.checkIssued(read) && read.ca)
  assert.ok(read.checkPrivateKey(createPrivateKey(key)))
  const days = (read.validToDate.getTime() - read.validFromDate.getTime()) / 86_400_000
  assert.equal(Math.round(days), 31)
  assert.ok(read.validFromDate.getTime() < NOW)
  assert.equal(read.fingerprint256, fingerprint)
})

test('two certificates have neither key nor number in common', () => {
  const [one, two] = [selfSigned({ hosts: HOSTS, now: NOW }), selfSigned({ hosts: HOSTS, now: NOW })]
  assert.notEqual(new X509Certificate(one.cert).serialNumber, new X509Certificate(two.cert).serialNumber)
  assert.notEqual(one.key, two.key)
})

test('a client that was told to trust it connects, by name and by address', async (t) => {
  const { cert, key } = selfSigned({ hosts: ['localhost', '127.0.0.1'], now: NOW })
  const server = createServer({ cert, key }, (socket) => socket.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  for (const host of ['localhost', '127.0.0.1']) {
    const socket = connect({ host: '127.0.0.1', servername: host === 'localhost' ? host : '', port, ca: cert })
    await once(socket, 'secureConnect')
    assert.equal(socket.authorized, true)
    socket.destroy()
  }
})

test('addresses that a phone reaches come first; loopback, containers and IPv6 do not', () => {
  const interfaces = {
    lo: [card('127.0.0.1', { internal: true })],
    docker0: [card('172.17.0.1')],
    eth1: [card('203.0.113.9'), card('169.254.7.7')],
    wlan0: [card('192.168.1.5'), { ...card('fe80::1'), family: 'IPv6', scopeid: 2 } as NetworkInterfaceInfo],
    gone: undefined,
  }
  assert.deepEqual(addressesOf(interfaces), ['192.168.1.5', '203.0.113.9', '172.17.0.1', '169.254.7.7'])
})

test('certificate and key lie in the folder, for nobody else to read', (t) => {
  const folder = scratch(t)
  const interfaces = { wlan0: [card('192.168.1.5'), card('192.168.1.6')] }
  const lan = openLan({ folder, interfaces })
  assert.deepEqual([lan.address, lan.others], ['192.168.1.5', ['192.168.1.6']])
  assert.equal(path.dirname(lan.tls.key), path.join(folder, 'tls'))
  for (const file of [lan.tls.cert, lan.tls.key]) assert.equal(statSync(file).mode & 0o777, 0o600)
  const read = new X509Certificate(readFileSync(lan.tls.cert))
  assert.equal(read.checkIP('192.168.1.6'), '192.168.1.6')
  const digest = createHash('sha256').update(read.raw).digest('hex').toUpperCase()
  assert.equal(lan.fingerprint.replaceAll(':', ''), digest)
})

test('without a network there is nothing to open', (t) => {
  assert.throws(
    () => openLan({ folder: scratch(t), interfaces: { lo: [card('127.0.0.1', { internal: true })] } }),
    /no address/,
  )
})

test('one of several addresses can be chosen, and no other', (t) => {
  const interfaces = { wlan0: [card('192.168.1.5'), card('192.168.1.6')] }
  const lan = openLan({ folder: scratch(t), interfaces, wanted: '192.168.1.6' })
  assert.deepEqual([lan.address, lan.others], ['192.168.1.6', ['192.168.1.5']])
  assert.throws(
    () => openLan({ folder: scratch(t), interfaces, wanted: '10.0.0.1' }),
    /no address 10\.0\.0\.1; it has 192\.168\.1\.5, 192\.168\.1\.6/,
  )
})
