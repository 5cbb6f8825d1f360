import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Outlet } from '../../src/proxy/outlet.ts'
import { MemorySocket } from '../support/memory-socket.ts'

class Feeder {
  readonly calls: string[] = []
  pause(): void {
    this.calls.push('pause')
  }
  resume(): void {
    this.calls.push('resume')
  }
}

const large = Buffer.alloc(300 * 1024)

test('pieces of one turn leave together and in order', async () => {
  const calls: string[] = []
  const socket = new MemorySocket((bytes) => calls.push(bytes.toString()))
  const outlet = new Outlet(socket)
  for (const piece of ['a', 'b', 'c']) outlet.write(Buffer.from(piece))
  await turn()
  assert.deepEqual(calls, ['abc'])
})

test('a reader that does not keep up pauses the feeder until it has drained', async () => {
  const [socket, feeder] = [new MemorySocket(), new Feeder()]
  const outlet = new Outlet(socket, feeder)
  socket.stall()
  outlet.write(large)
  outlet.write(large)
  await turn()
  assert.deepEqual(feeder.calls, ['pause'])
  socket.drain()
  await turn()
  assert.deepEqual(feeder.calls, ['pause', 'resume'])
})

test('a reader that keeps up pauses nobody', async () => {
  const [socket, feeder] = [new MemorySocket(), new Feeder()]
  const outlet = new Outlet(socket, feeder)
  for (let left = 10; left > 0; left -= 1) {
    outlet.write(large)
    await turn()
  }
  assert.deepEqual(feeder.calls, [])
})

test('a feeder that comes later is paused where the reader is behind already', async () => {
  const [socket, feeder] = [new MemorySocket(), new Feeder()]
  const outlet = new Outlet(socket)
  socket.stall()
  outlet.write(large)
  await turn()
  outlet.fedBy(feeder)
  assert.deepEqual(feeder.calls, ['pause'])
})

test('a socket that closes lets its feeder go on', async () => {
  const [socket, feeder] = [new MemorySocket(), new Feeder()]
  const outlet = new Outlet(socket, feeder)
  socket.stall()
  outlet.write(large)
  await turn()
  socket.destroy()
  await turn()
  assert.deepEqual(feeder.calls, ['pause', 'resume'])
})

test('the last bytes follow what was written in the same turn, and nothing follows them', async () => {
  const socket = new MemorySocket()
  const outlet = new Outlet(socket)
  outlet.write(Buffer.from('a'))
  outlet.end(Buffer.from('z'))
  outlet.write(Buffer.from('b'))
  outlet.end(Buffer.from('c'))
  await turn()
  assert.equal(socket.heard.toString(), 'az')
})

test('writing to a socket that is gone does nothing', () => {
  const socket = new MemorySocket()
  socket.destroy()
  const outlet = new Outlet(socket)
  outlet.write(Buffer.from('a'))
  outlet.end()
  assert.equal(socket.heard.length, 0)
})
