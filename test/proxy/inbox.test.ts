import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Inbox, type FrameSource } from '../../src/proxy/inbox.ts'
import { MemorySocket } from '../support/memory-socket.ts'

/** Each byte is a frame; an exclamation mark is no frame at all. */
class Letters implements FrameSource<string> {
  #left = ''
  push(chunk: Buffer): void {
    this.#left += chunk.toString('latin1')
  }
  next(): string | undefined {
    const letter = this.#left[0]
    if (letter === '!') throw new Error('not a letter')
    this.#left = this.#left.slice(1)
    return letter
  }
}

function open(limit = 100): { socket: MemorySocket; inbox: Inbox<string> } {
  const socket = new MemorySocket()
  const inbox = new Inbox(socket, { frames: new Letters(), sizeOf: () => 1, limit, isFarewell: (one) => one === 'X' })
  return { socket, inbox }
}

async function say(socket: MemorySocket, text: string): Promise<void> {
  socket.say(Buffer.from(text))
  await turn()
}

test('frames are taken in the order they came', async () => {
  const { socket, inbox } = open()
  await say(socket, 'ab')
  await say(socket, 'c')
  assert.deepEqual(
    [inbox.next, inbox.take(), inbox.take(), inbox.take(), inbox.take()],
    ['a', 'a', 'b', 'c', undefined],
  )
})

test('ready resolves when a frame comes, and at once where one waits', async () => {
  const { socket, inbox } = open()
  const ready = inbox.ready()
  await say(socket, 'a')
  await ready
  await inbox.ready()
  assert.equal(inbox.take(), 'a')
})

test('a farewell is noticed behind frames that nobody took', async () => {
  const { socket, inbox } = open()
  await say(socket, 'abX')
  assert.ok(inbox.gone.aborted)
  assert.ok(!inbox.isOver)
  assert.equal(inbox.take(), 'a')
})

test('a hang-up is noticed behind frames that nobody took, and those can still be taken', async () => {
  const { socket, inbox } = open()
  await say(socket, 'ab')
  socket.hangUp()
  await turn()
  assert.deepEqual([inbox.gone.aborted, inbox.isOver], [true, false])
  assert.deepEqual([inbox.take(), inbox.take(), inbox.isOver], ['a', 'b', true])
})

test('an error of the socket is a hang-up', async () => {
  const { socket, inbox } = open()
  socket.destroy(new Error('reset'))
  await turn()
  assert.ok(inbox.gone.aborted)
  assert.ok(inbox.isOver)
  await inbox.ready()
})

test('what no peer may send is thrown in its turn, and counts as leaving at once', async () => {
  const { socket, inbox } = open()
  await say(socket, 'a!')
  assert.ok(inbox.gone.aborted)
  assert.ok(socket.isPaused())
  assert.equal(inbox.take(), 'a')
  assert.throws(() => inbox.take(), /not a letter/)
  assert.ok(!inbox.isOver)
})

test('reading pauses above the limit and goes on below half of it', async () => {
  const { socket, inbox } = open(4)
  await say(socket, 'abcde')
  assert.ok(socket.isPaused())
  for (const frame of ['a', 'b', 'c']) assert.equal(inbox.take(), frame)
  assert.ok(socket.isPaused())
  assert.equal(inbox.take(), 'd')
  assert.ok(!socket.isPaused())
})

test('taking frames does not resume what the other side holds back', async () => {
  const { socket, inbox } = open(4)
  await say(socket, 'abc')
  inbox.pause()
  for (let left = 3; left > 0; left -= 1) inbox.take()
  assert.ok(socket.isPaused())
  inbox.resume()
  assert.ok(!socket.isPaused())
})

test('what an earlier owner read too much is framed first', () => {
  const { inbox } = open()
  inbox.unshift(Buffer.from('ab'))
  assert.deepEqual([inbox.take(), inbox.take()], ['a', 'b'])
})

test('a flood of the shortest frames is taken in linear time', async () => {
  const { socket, inbox } = open(1_000_000)
  for (let round = 0; round < 20; round += 1) await say(socket, 'abcdefghij'.repeat(100))
  let taken = 0
  while (inbox.take() !== undefined) taken += 1
  assert.equal(taken, 20_000)
})

test('whoever serves it is called for what waits, in the turn in which more comes, and at the end', async () => {
  const { socket, inbox } = open()
  await say(socket, 'ab')
  const heard: (string | undefined)[] = []
  inbox.serve(() => heard.push(inbox.take(), inbox.take(), inbox.isOver ? 'over' : 'more'))
  assert.deepEqual(heard.splice(0), ['a', 'b', 'more'])
  await say(socket, 'c')
  assert.deepEqual(heard.splice(0), ['c', undefined, 'more'])
  socket.hangUp()
  await turn()
  assert.deepEqual(heard.splice(0), [undefined, undefined, 'over'])
})
