import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import type { Connection } from 'ssh2'
import { Flow } from '../../../src/proxy/ssh/flow.ts'
import { KeyExchanges } from '../../../src/proxy/ssh/key-exchanges.ts'

const NOTHING = (): { _kexinit: unknown } => ({ _kexinit: undefined })

/** One connection without a network: what its socket would tell, and whether it is read. */
class Side extends EventEmitter {
  destroyed = false
  writableLength = 0
  bytesRead = 0
  bytesWritten = 0
  isRead = true
  readonly connection = Object.assign(new EventEmitter(), { _protocol: NOTHING() })
  readonly faults: string[] = []
  readonly exchanges: KeyExchanges
  readonly flow: Flow

  constructor(time: Time) {
    super()
    const socket = this as unknown as Socket
    const { now, after } = time
    const onFault = (words: string): void => void this.faults.push(words)
    const connection = this.connection as unknown as Connection
    this.exchanges = new KeyExchanges({ connection, socket, now, after, onFault })
    this.flow = new Flow({ socket, exchanges: this.exchanges, now, after })
  }

  pause(): void {
    this.isRead = false
  }

  resume(): void {
    this.isRead = true
  }

  proposes(): void {
    this.connection._protocol._kexinit = Buffer.alloc(1)
    this.emit('data')
  }

  agrees(kex = 'curve25519-sha256'): void {
    this.connection._protocol._kexinit = undefined
    this.connection.emit('handshake', { kex })
  }
}

/** A clock that goes when it is told to. */
class Time {
  at = 0
  readonly #due: { at: number; run: () => void }[] = []
  readonly now = (): number => this.at
  readonly after = (ms: number, run: () => void): (() => void) => {
    const one = { at: this.at + ms, run }
    this.#due.push(one)
    return () => void (one.at = Infinity)
  }

  goes(ms: number): void {
    this.at += ms
    for (const one of this.#due.filter(({ at }) => at <= this.at)) {
      one.at = Infinity
      one.run()
    }
  }
}

function both(): { time: Time; client: Side; target: Side } {
  const time = new Time()
  const [client, target] = [new Side(time), new Side(time)]
  client.flow.feed(target.flow)
  target.flow.feed(client.flow)
  return { time, client, target }
}

const FULL = 4 * 1024 * 1024 + 1

describe('one side is not read', () => {
  test('while the other does not take what it is sent, and is read again once it does', () => {
    const { client, target } = both()
    target.emit('data')
    assert.ok(target.isRead)
    client.writableLength = FULL
    target.emit('data')
    client.emit('data')
    assert.deepEqual([target.isRead, client.isRead], [false, false])
    client.writableLength = 0
    client.emit('drain')
    assert.deepEqual([target.isRead, client.isRead], [true, true])
  })

  test('while the other exchanges keys; the one that does is', () => {
    const { client, target } = both()
    client.proposes()
    target.emit('data')
    assert.deepEqual([target.isRead, client.isRead], [false, true])
    client.agrees()
    assert.ok(target.isRead)
  })

  test('is read to its end where the other is gone', () => {
    const { client, target } = both()
    client.writableLength = FULL
    target.emit('data')
    client.destroyed = true
    client.emit('close')
    assert.ok(target.isRead)
  })

  test('for twice the time that one piece of it took', () => {
    const { time, client } = both()
    const slow = (): number => (time.at += 50)
    client.once('data', slow)
    client.emit('data')
    // The listener stood behind those of the pace.
    assert.ok(client.isRead)
    client.removeAllListeners('data')
    const again = new Side(time)
    again.prependListener('data', () => undefined)
    const first = again.listeners('data')
    again.removeAllListeners('data')
    for (const [at, listener] of first.entries()) {
      again.on('data', listener as () => void)
      if (at === 1) again.on('data', slow)
    }
    again.emit('data')
    assert.ok(!again.isRead)
    time.goes(99)
    assert.ok(!again.isRead)
    time.goes(1)
    assert.ok(again.isRead)
  })
})

describe('key exchanges', () => {
  test('twenty may follow each other, and one that is begun has thirty seconds', () => {
    const { time, client } = both()
    for (let round = 0; round < 20; round += 1) {
      client.proposes()
      time.goes(1)
      client.agrees()
    }
    assert.deepEqual(client.faults, [])
    client.agrees()
    assert.deepEqual(client.faults, ['keys were exchanged anew too often'])
    const { time: later, client: slow } = both()
    slow.proposes()
    later.goes(29_999)
    slow.agrees()
    slow.proposes()
    later.goes(29_999)
    assert.deepEqual(slow.faults, [])
    later.goes(1)
    assert.deepEqual(slow.faults, ['a key exchange was begun and not ended'])
  })

  test('whoever moves bytes, or lets time pass, may exchange keys for ever', () => {
    const { time, client } = both()
    for (let round = 0; round < 200; round += 1) {
      client.bytesRead += 64 * 1024
      client.agrees()
    }
    for (let round = 0; round < 200; round += 1) {
      time.goes(10_000)
      client.agrees()
    }
    assert.deepEqual(client.faults, [])
  })

  test('those over a prime group count ten times', () => {
    const { client } = both()
    client.agrees('diffie-hellman-group16-sha512')
    client.agrees('diffie-hellman-group16-sha512')
    assert.deepEqual(client.faults, [])
    client.agrees()
    assert.equal(client.faults.length, 1)
  })

  test('one that ends with its connection is no fault', () => {
    for (const end of ['end', 'close']) {
      const { time, client } = both()
      client.proposes()
      client.emit(end)
      time.goes(60_000)
      assert.deepEqual(client.faults, [])
    }
  })
})
