import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { gatherWrites, swallowFirst } from '../../../src/proxy/ssh/gathered.ts'

/** A socket that only notes what it would hand over, call by call. */
class Noting extends Socket {
  readonly calls: string[] = []

  override _write(chunk: Buffer, _: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.calls.push(chunk.toString())
    callback()
  }

  override _writev(chunks: { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk.toString()).join('+'))
    callback()
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what is written in one turn leaves in one call, and the next turn’s in another', async () => {
  const socket = new Noting()
  gatherWrites(socket)
  for (const word of ['length', 'packet', 'tag']) socket.write(Buffer.from(word))
  assert.deepEqual(socket.calls, [])
  await turn()
  socket.write(Buffer.from('key'))
  await turn()
  assert.deepEqual(socket.calls, ['length+packet+tag', 'key'])
})

test('an end does not leave behind what was written before it', async () => {
  const socket = new Noting()
  gatherWrites(socket)
  socket.write(Buffer.from('farewell'))
  socket.end()
  await turn()
  assert.deepEqual(socket.calls, ['farewell'])
})

test('what was said already is not said again, once', async () => {
  const socket = new Noting()
  swallowFirst(socket, Buffer.from('SSH-2.0-x\r\n'))
  for (const word of ['SSH-2.0-x\r\n', 'packet', 'SSH-2.0-x\r\n']) socket.write(Buffer.from(word))
  await turn()
  assert.deepEqual(socket.calls, ['packet', 'SSH-2.0-x\r\n'])
})
