import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { dropPastEnd } from '../../../src/proxy/ssh/past-end.ts'

test('what comes behind the end is dropped and told once, and what came before is read to its end', async () => {
  const channel = new PassThrough()
  let told = 0
  dropPastEnd(channel, () => (told += 1))
  const errors: Error[] = []
  channel.on('error', (error) => errors.push(error))
  channel.push(Buffer.from('before'))
  channel.push(null)
  channel.push(Buffer.from('behind'))
  channel.push(Buffer.from('behind'))
  channel.push(null)
  let read = ''
  channel.on('data', (bytes: Buffer) => (read += bytes.toString()))
  await once(channel, 'end')
  assert.deepEqual([read, told, errors], ['before', 1, []])
})

test('another library is left alone', () => {
  const other = { push: 'a word' }
  dropPastEnd(other, () => assert.fail())
  assert.deepEqual(other, { push: 'a word' })
})
