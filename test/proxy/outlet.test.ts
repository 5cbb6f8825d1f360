import assert from 'node:assert/strict'
import test from 'node:test'
import { Outlet } from '../../src/proxy/outlet.ts'
import { MemorySocket } from '../support/memory-socket.ts'

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function listening(): { readonly socket: MemorySocket; readonly writes: string[]; readonly outlet: Outlet } {
  const writes: string[] = []
  const socket = new MemorySocket((bytes) => writes.push(bytes.toString('latin1')))
  return { socket, writes, outlet: new Outlet(socket) }
}

test('pieces of one turn leave in their order and in one write', async () => {
  const { writes, outlet } = listening()
  const chunk = Buffer.from('abcdef')
  for (const piece of [chunk.subarray(0, 2), chunk.subarray(2, 4), Buffer.from('-'), chunk.subarray(4)])
    outlet.write(piece)
  assert.deepEqual(writes, [])
  await soon()
  assert.deepEqual(writes, ['abcd-ef'])
})

test('large pieces are not lost or mixed up either', async () => {
  const { writes, outlet } = listening()
  const pieces = ['a', 'b', 'c'].map((letter) => letter.repeat(20_000))
  for (const piece of pieces) outlet.write(Buffer.from(piece))
  assert.equal(outlet.backlog, 60_000)
  await soon()
  assert.equal(writes.join(''), pieces.join(''))
})

test('what was written before the end leaves before it', async () => {
  const { socket, writes, outlet } = listening()
  outlet.write(Buffer.from('first '))
  outlet.end(Buffer.from('last'))
  outlet.write(Buffer.from('too late'))
  await soon()
  assert.equal(writes.join(''), 'first last')
  assert.ok(socket.writableEnded)
})

test('a peer that does not read pauses whoever feeds it, until it reads again', async () => {
  const { socket, outlet } = listening()
  const told: string[] = []
  outlet.fedBy({ pause: () => told.push('pause'), resume: () => told.push('resume') })
  socket.stall()
  outlet.write(Buffer.alloc(300 * 1024))
  await soon()
  assert.deepEqual(told, ['pause'])
  socket.drain()
  await soon()
  assert.deepEqual(told, ['pause', 'resume'])
})

test('what is passed waits for whoever passed it, and neighbours of one chunk leave as one piece without a copy', async () => {
  const { socket, writes, outlet } = listening()
  const chunk = Buffer.from('abcdef')
  outlet.pass(chunk, 1, 3)
  outlet.pass(chunk, 3, 3)
  outlet.pass(chunk, 3, 5)
  await soon()
  assert.deepEqual([writes, outlet.backlog], [[], 4])
  outlet.leave()
  assert.deepEqual([writes, outlet.backlog], [['bcde'], 0])
  outlet.pass(chunk, 0, 1)
  outlet.write(Buffer.from('-'))
  await soon()
  assert.deepEqual(writes, ['bcde', 'a-'])
  socket.destroy()
  outlet.pass(chunk, 0, 6)
  outlet.leave()
  assert.deepEqual([writes.length, outlet.backlog], [2, 0])
})
