import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { after, before, test } from 'node:test'
import { addressProblem, destinationOf, urlProblem } from '../../src/notify/reach.ts'
import type { Reach } from '../../src/notify/reach.ts'
import { isSigned } from '../../src/notify/signature.ts'
import { createWebhook } from '../../src/notify/webhook.ts'
import { systemClock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'

const SECRET = new Secret('a shared secret')
const LOCAL: Reach = { privateAddresses: false, loopbackHttp: true }
/** Names that lead to this machine, as well. */
const NEAR: Reach = { privateAddresses: true, loopbackHttp: true }
const OPEN: Reach = { privateAddresses: false, loopbackHttp: false }
const LETTER = { id: 'n_1', body: '{"kind":"approval.opened","text":"ü"}' }

interface Received {
  readonly request: IncomingMessage
  readonly body: string
}

const receiver = { status: 200, headers: {} as Record<string, string>, answers: true, got: [] as Received[] }
const server: Server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    receiver.got.push({ request, body: Buffer.concat(chunks).toString() })
    if (receiver.answers) response.writeHead(receiver.status, receiver.headers).end('x'.repeat(100_000))
  })
})
const place = { port: 0 }

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  place.port = typeof address === 'object' && address !== null ? address.port : 0
})
after(() => {
  server.closeAllConnections()
  server.close()
})

function channel(
  changes: {
    readonly host?: string
    readonly reach?: Reach
    readonly addresses?: readonly string[]
    readonly timeoutMs?: number
  } = {},
) {
  receiver.got.length = 0
  Object.assign(receiver, { status: 200, headers: {}, answers: true })
  const { host = '127.0.0.1', reach = LOCAL, addresses = ['127.0.0.1'], timeoutMs = 5000 } = changes
  const url = new URL(`http://${host}:${place.port}/hook?a=1`)
  return createWebhook({
    name: 'oncall',
    url,
    secret: SECRET,
    reach,
    clock: systemClock,
    resolve: () => Promise.resolve(addresses),
    timeoutMs,
  })
}

test('a receiver gets the body, its delivery id and a signature that it can check', async () => {
  assert.deepEqual(await channel().send(LETTER), { outcome: 'delivered' })
  const [got] = receiver.got
  assert.ok(got)
  assert.equal(got.body, LETTER.body)
  assert.equal(got.request.method, 'POST')
  assert.equal(got.request.url, '/hook?a=1')
  assert.equal(got.request.headers['content-type'], 'application/json')
  assert.equal(got.request.headers['countersign-delivery'], 'n_1')
  const header = String(got.request.headers['countersign-signature'])
  assert.match(header, /^t=\d{10},v1=[0-9a-f]{64}$/)
  assert.ok(isSigned({ header, body: got.body }, SECRET, Date.now() / 1000))
})

test('every mutation of a signed delivery fails', async () => {
  await channel().send(LETTER)
  const [got] = receiver.got
  assert.ok(got)
  const header = String(got.request.headers['countersign-signature'])
  const [, time = '', mac = ''] = /^t=(\d+),v1=(.+)$/.exec(header) ?? []
  const now = Number(time)
  const valid = { header, body: got.body }
  assert.ok(isSigned(valid, SECRET, now))
  const flipped = (mac.startsWith('0') ? '1' : '0') + mac.slice(1)
  const mutations: Record<string, boolean> = {
    'another body': isSigned({ ...valid, body: `${got.body} ` }, SECRET, now),
    'the body parsed and printed anew': isSigned(
      { ...valid, body: JSON.stringify(JSON.parse(got.body), null, 1) },
      SECRET,
      now,
    ),
    'an empty body': isSigned({ ...valid, body: '' }, SECRET, now),
    'another time': isSigned({ ...valid, header: `t=${now + 1},v1=${mac}` }, SECRET, now),
    'no time': isSigned({ ...valid, header: `v1=${mac}` }, SECRET, now),
    'a flipped digit': isSigned({ ...valid, header: `t=${time},v1=${flipped}` }, SECRET, now),
    'a shorter mac': isSigned({ ...valid, header: `t=${time},v1=${mac.slice(2)}` }, SECRET, now),
    'a longer mac': isSigned({ ...valid, header: `${header}00` }, SECRET, now),
    'another version': isSigned({ ...valid, header: `t=${time},v0=${mac}` }, SECRET, now),
    'two macs': isSigned({ ...valid, header: `${header},v1=${mac}` }, SECRET, now),
    'another secret': isSigned(valid, new Secret('a shared secret '), now),
    'too old': isSigned(valid, SECRET, now + 301),
    'from the future': isSigned(valid, SECRET, now - 301),
    'no header': isSigned({ ...valid, header: '' }, SECRET, now),
  }
  assert.deepEqual(
    Object.entries(mutations).filter(([, passed]) => passed),
    [],
  )
})

test('the id of a delivery stands inside what is signed, so that a repetition under another id shows', () => {
  const letter = {
    kind: 'k',
    subject: undefined,
    weight: { kind: 'always' as const },
    headline: '',
    lines: [],
    link: '',
  }
  const body = channel().compose({ ...letter, payload: { kind: 'k' } }, 'm_7')
  assert.deepEqual(JSON.parse(body), { delivery: 'm_7', kind: 'k' })
})

const STATUSES: readonly (readonly [number, string])[] = [
  [200, 'delivered'],
  [204, 'delivered'],
  [301, 'refused'],
  [302, 'refused'],
  [400, 'refused'],
  [404, 'refused'],
  [410, 'refused'],
  [408, 'later'],
  [429, 'later'],
  [500, 'later'],
  [503, 'later'],
]
for (const [status, outcome] of STATUSES) {
  test(`status ${status} is ${outcome}`, async () => {
    const hook = channel()
    receiver.status = status
    if (status >= 300 && status < 400) receiver.headers = { Location: `http://127.0.0.1:${place.port}/elsewhere` }
    assert.equal((await hook.send(LETTER)).outcome, outcome)
    assert.equal(receiver.got.length, 1, 'a redirect is not followed')
  })
}

test('a receiver that never answers costs the time limit and no more', async () => {
  const hook = channel({ timeoutMs: 100 })
  receiver.answers = false
  assert.deepEqual(await hook.send(LETTER), { outcome: 'later', reason: 'no answer in time' })
})

test('a resolver that never answers costs the time limit too', async () => {
  const url = new URL('http://hook.example/')
  const hook = createWebhook({
    name: 'x',
    url,
    secret: SECRET,
    reach: LOCAL,
    clock: systemClock,
    timeoutMs: 50,
    resolve: () => new Promise(() => undefined),
  })
  assert.deepEqual(await hook.send(LETTER), { outcome: 'later', reason: 'no answer in time' })
})

test('a receiver that is not there is tried later, and the reason quotes nothing', async () => {
  const url = new URL('http://127.0.0.1:1/')
  const hook = createWebhook({ name: 'x', url, secret: SECRET, reach: LOCAL, clock: systemClock })
  assert.deepEqual(await hook.send(LETTER), { outcome: 'later', reason: 'could not connect' })
})

test('a name is resolved once and the connection goes to the address that was checked', async () => {
  let asked = 0
  const resolve = (): Promise<readonly string[]> => {
    asked += 1
    return Promise.resolve(asked === 1 ? ['127.0.0.1'] : ['169.254.169.254'])
  }
  channel()
  const url = new URL(`http://rebinding.example:${place.port}/`)
  const hook = createWebhook({ name: 'x', url, secret: SECRET, reach: NEAR, clock: systemClock, resolve })
  assert.equal((await hook.send(LETTER)).outcome, 'delivered')
  assert.equal(asked, 1)
  assert.equal(receiver.got[0]?.request.headers.host, `rebinding.example:${place.port}`)
})

test('a name with one good and one bad address is bad', async () => {
  const addresses = ['127.0.0.1', '169.254.169.254']
  const sent = await channel({ host: 'mixed.example', addresses, reach: NEAR }).send(LETTER)
  assert.equal(sent.outcome, 'refused')
  assert.equal(receiver.got.length, 0)
})

test('a name that leads to this machine is not this machine', async () => {
  assert.deepEqual(await channel({ host: 'inside.example' }).send(LETTER), {
    outcome: 'refused',
    reason: 'the address is private; egress.allowPrivate would open it',
  })
})

test('a host that is not listed is not even looked up', async () => {
  const reach = { ...NEAR, hosts: new Set(['hooks.example']) }
  assert.deepEqual(await channel({ host: 'other.example', reach }).send(LETTER), {
    outcome: 'refused',
    reason: 'the host is not one of egress.hosts',
  })
  assert.equal((await channel({ host: 'HOOKS.example', reach }).send(LETTER)).outcome, 'delivered')
})

/** The metadata service of a cloud in ten spellings: what an open redirect on an allowed host would lead to. */
const METADATA = [
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://0xA9.254.0251.254/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://metadata.google.internal./',
]
for (const to of METADATA) {
  test(`a redirect to ${to} ends the delivery`, async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const hook = channel()
      Object.assign(receiver, { status, headers: { Location: to } })
      const reason = `status ${status}: redirects are not followed`
      assert.deepEqual(await hook.send(LETTER), { outcome: 'refused', reason })
      assert.equal(receiver.got.length, 1)
    }
  })
}

/** One metadata service in many spellings, and other places that a webhook has no business with. */
const CLOSED = [
  'https://169.254.169.254/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://169.254.43518/',
  'https://0xA9.254.0251.254/',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'https://[64:ff9b::169.254.169.254]/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://[::1]/',
  'https://0.0.0.0/',
  'https://[::]/',
  'https://10.1.2.3/',
  'https://172.31.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://100.100.100.200/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
  'https://[::7f00:1]/',
]
for (const text of CLOSED) {
  test(`${text} is out of reach`, () => {
    const url = new URL(text)
    assert.notEqual(addressProblem(destinationOf(url).host, destinationOf(url), OPEN), undefined)
  })
}

test('public addresses are within reach', () => {
  const url = new URL('https://hook.example/')
  for (const address of ['93.184.215.14', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808']) {
    assert.equal(addressProblem(address, destinationOf(url), OPEN), undefined, address)
  }
})

test('every spelling of a metadata service is out of reach as a name that somebody answers for', async () => {
  for (const address of [
    '169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    '100.100.100.200',
  ]) {
    const sent = await channel({ host: 'hook.example', addresses: [address], reach: NEAR }).send(LETTER)
    assert.equal(sent.outcome, 'refused', address)
  }
})

test('what carries another address inside it, and what is no network of anybody’s, stays closed where private ones are open', () => {
  const url = new URL('https://hook.example/')
  const inside: Reach = { privateAddresses: true, loopbackHttp: false }
  const carriers = [
    '2002:a9fe:a9fe::1', // 6to4
    '2001:0:a9fe:a9fe::1', // Teredo
    '64:ff9b:1::a9fe:a9fe', // NAT64 of a network's own
    '::ffff:0:a9fe:a9fe', // translated
    '::a9fe:a9fe', // compatible
    '192.0.2.1',
    '198.18.0.1',
    '240.0.0.1',
    '2001:db8::1',
  ]
  for (const address of carriers)
    assert.equal(addressProblem(address, destinationOf(url), inside), 'the address is closed to messages', address)
})

test('private addresses open by configuration, link-local and metadata never', () => {
  const url = new URL('https://hook.example/')
  const inside: Reach = { privateAddresses: true, loopbackHttp: false }
  for (const address of ['10.1.2.3', '192.168.1.1', 'fc00::1', '127.0.0.1'])
    assert.equal(addressProblem(address, destinationOf(url), inside), undefined, address)
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
    '168.63.129.16',
    '::ffff:169.254.169.254',
    '100.100.100.200',
  ]) {
    assert.notEqual(addressProblem(address, destinationOf(url), inside), undefined, address)
  }
})

test('plain http goes to loopback only, and only where the configuration says so', () => {
  const url = new URL('http://hook.example/')
  assert.notEqual(urlProblem(url, OPEN), undefined)
  assert.equal(urlProblem(url, LOCAL), undefined)
  assert.notEqual(addressProblem('93.184.215.14', destinationOf(url), LOCAL), undefined)
  const here = new URL('http://127.0.0.1/')
  assert.equal(addressProblem('127.0.0.1', destinationOf(here), LOCAL), undefined)
  assert.notEqual(addressProblem('127.0.0.1', destinationOf(here), OPEN), undefined)
})

test('URLs with a user, a password or another scheme are no webhooks', () => {
  for (const text of [
    'https://user@hook.example/',
    'https://u:p@hook.example/',
    'ftp://hook.example/',
    'file:///etc/passwd',
    'http://hook.example/',
  ]) {
    assert.throws(
      () => createWebhook({ name: 'x', url: new URL(text), secret: SECRET, reach: OPEN, clock: systemClock }),
      RangeError,
      text,
    )
  }
})
