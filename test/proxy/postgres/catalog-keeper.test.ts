import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCatalogKeeper, type CatalogKeeper } from '../../../src/proxy/postgres/catalog-keeper.ts'
import { EPOCH } from '../../../src/proxy/postgres/catalog-queries.ts'
import type { SimpleClient, TextRow } from '../../../src/proxy/postgres/simple-client.ts'
import { systemClock, type Clock } from '../../../src/std/clock.ts'

interface FakeClock extends Clock {
  /** Moves time on and calls what falls due. */
  pass(ms: number): void
}

function fakeClock(): FakeClock {
  let now = 1_000_000
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  return {
    ...systemClock,
    monoMicros: () => now * 1000,
    after: (ms, callback) => {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    pass: (ms) => {
      now += ms
      for (const timer of [...timers]) {
        if (timer.at <= now && timers.delete(timer)) timer.callback()
      }
    },
  }
}

/** A server whose definitions a test changes and that counts what it is asked. */
class FakeServer {
  epoch = 1
  dials = 0
  looks = 0
  loads = 0
  isDown = false
  /** Resolves the epoch queries that wait, when set. */
  gate: Promise<void> | undefined
  readonly open = new Set<FakeClient>()

  readonly connect = (): Promise<SimpleClient> => {
    this.dials += 1
    if (this.isDown) return Promise.reject(new Error('down'))
    const client = new FakeClient(this)
    this.open.add(client)
    return Promise.resolve(client)
  }
}

class FakeClient implements SimpleClient {
  readonly #server: FakeServer
  isOpen = true
  readonly closed = Promise.resolve()

  constructor(server: FakeServer) {
    this.#server = server
  }

  async query(text: string): Promise<readonly TextRow[]> {
    if (text.includes(EPOCH)) {
      this.#server.looks += 1
      const { epoch } = this.#server
      await this.#server.gate
      if (this.#server.isDown) throw new Error('down')
      return [[String(epoch)]]
    }
    if (text.includes('current_schemas')) this.#server.loads += 1
    return text.includes('server_version_num') ? [['180004']] : []
  }

  close(): void {
    this.isOpen = false
    this.#server.open.delete(this)
  }
}

interface Setting {
  readonly keeper: CatalogKeeper
  readonly server: FakeServer
  readonly clock: FakeClock
  readonly errors: Error[]
}

function setting(): Setting {
  const [server, clock, errors] = [new FakeServer(), fakeClock(), new Array<Error>()]
  const keeper = createCatalogKeeper({
    connect: server.connect,
    clock,
    refreshMs: 3000,
    onError: (error) => errors.push(error),
  })
  return { keeper, server, clock, errors }
}

/** Lets everything run that needs no time to pass. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('nothing is known before the first look', async () => {
  const { keeper } = setting()
  assert.equal(keeper.current(), undefined)
  assert.equal((await keeper.fresh())?.serverVersion, 180004)
  assert.notEqual(keeper.current(), undefined)
})

test('an epoch that has not moved costs one query and gives the same snapshot', async () => {
  const { keeper, server } = setting()
  const first = await keeper.fresh()
  const second = await keeper.fresh()
  assert.equal(second, first)
  assert.deepEqual([server.dials, server.loads, server.looks], [1, 1, 2])
})

test('an epoch that has moved is loaded over a new connection, and the old one is closed', async () => {
  const { keeper, server } = setting()
  const first = await keeper.fresh()
  server.epoch = 2
  const second = await keeper.fresh()
  assert.notEqual(second?.epoch, first?.epoch)
  assert.deepEqual([server.dials, server.loads, server.open.size], [2, 2, 1])
})

test('callers who come while a look runs share one look that begins after it', async () => {
  const { keeper, server } = setting()
  await keeper.fresh()
  const gate = Promise.withResolvers<undefined>()
  server.gate = gate.promise.then(() => undefined)
  const early = keeper.fresh()
  await settle()
  server.epoch = 2
  const late = [keeper.fresh(), keeper.fresh(), keeper.fresh()]
  gate.resolve(undefined)
  const [before, ...after] = await Promise.all([early, ...late])
  assert.equal(new Set(after).size, 1)
  assert.notEqual(after[0]?.epoch, before?.epoch)
  // The first load, the early look, the late one and the load that it asked for.
  assert.equal(server.looks, 4)
})

test('a snapshot that nobody confirmed for four refreshes is not known any more', async () => {
  const { keeper, clock } = setting()
  await keeper.fresh()
  clock.pass(12_000)
  assert.notEqual(keeper.current(), undefined)
  clock.pass(1)
  assert.equal(keeper.current(), undefined)
})

test('after a pause in which no timer ran, the first who reads the clock ends what passed for known', async () => {
  const { keeper, clock } = setting()
  await keeper.fresh()
  const now = clock.monoMicros()
  keeper.notice(now + 12_000_000)
  assert.notEqual(keeper.current(), undefined)
  keeper.notice(now + 12_001_000)
  assert.equal(keeper.current(), undefined)
  await keeper.fresh()
  assert.notEqual(keeper.current(), undefined)
})

test('a look that took longer than a snapshot lasts leaves nothing known', async () => {
  const { keeper, server, clock } = setting()
  await keeper.fresh()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.gate = promise
  const looking = keeper.fresh()
  await settle()
  clock.pass(12_001)
  resolve(undefined)
  await looking
  assert.equal(keeper.current(), undefined)
})

test('the epoch is re-read in the background while a session is attached, and not after', async () => {
  const { keeper, server, clock } = setting()
  await keeper.fresh()
  const detach = keeper.attach()
  server.epoch = 2
  clock.pass(3000)
  await settle()
  assert.equal(server.loads, 2)
  clock.pass(3000)
  await settle()
  assert.equal(server.looks, 4)
  detach()
  detach()
  clock.pass(3000)
  await settle()
  clock.pass(3000)
  await settle()
  assert.equal(server.looks, 4)
})

test('a server that cannot be reached is told once an attempt, and asked again after a growing pause', async () => {
  const { keeper, server, clock, errors } = setting()
  server.isDown = true
  assert.equal(await keeper.fresh(), undefined)
  assert.equal(await keeper.fresh(), undefined)
  assert.deepEqual([server.dials, errors.length], [1, 1])
  clock.pass(100)
  await keeper.fresh()
  clock.pass(199)
  await keeper.fresh()
  assert.equal(server.dials, 2)
  clock.pass(1)
  server.isDown = false
  assert.notEqual(await keeper.fresh(), undefined)
})

test('a connection that breaks is dialled anew, and the old snapshot does not answer for a failed look', async () => {
  const { keeper, server, clock, errors } = setting()
  await keeper.fresh()
  server.isDown = true
  assert.equal(await keeper.fresh(), undefined)
  assert.deepEqual([errors.length, server.open.size], [1, 0])
  server.isDown = false
  clock.pass(100)
  assert.notEqual(await keeper.fresh(), undefined)
  assert.equal(server.dials, 2)
})

test('row estimates are read anew every five minutes, under the same epoch', async () => {
  const { keeper, server, clock } = setting()
  const first = await keeper.fresh()
  clock.pass(5 * 60_000 + 1)
  const second = await keeper.fresh()
  assert.equal(second?.epoch, first?.epoch)
  assert.equal(server.loads, 2)
})

test('a closed keeper has no connection and asks nothing', async () => {
  const { keeper, server } = setting()
  await keeper.fresh()
  keeper.close()
  assert.equal(await keeper.fresh(), undefined)
  assert.deepEqual([server.open.size, server.dials], [0, 1])
})
