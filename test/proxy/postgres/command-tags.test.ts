import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scrub } from '../../../src/mask/scrub.ts'
import { scrubbedBy } from '../../../src/model/scrubbed.ts'
import { decodeBackend } from '../../../src/protocol/postgres/decode.ts'
import { encodeBackend } from '../../../src/protocol/postgres/encode.ts'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import { CommandTags, type CommandTag } from '../../../src/proxy/postgres/command-tags.ts'

const complete = (commandTag: string): Buffer => encodeBackend({ name: 'commandComplete', commandTag })

function read(tags: CommandTags, commandTag: string): CommandTag {
  const bytes = Buffer.concat([Buffer.from('before'), complete(commandTag), Buffer.from('after')])
  return tags.read(bytes, 6, bytes.length - 5)
}

for (const [tag, rows] of [
  ['SELECT 3', 3],
  ['INSERT 0 17', 17],
  ['DELETE 5000', 5000],
  ['BEGIN', 0],
  ['CREATE TABLE', 0],
] as const)
  test(`the tag ${tag} speaks of ${rows} rows and goes on as it came`, () => {
    assert.deepEqual(read(new CommandTags(scrubbedBy(scrub)), tag), { text: tag, rows, shown: undefined })
  })

test('a tag of the same length as the last one is not taken for it', () => {
  const tags = new CommandTags(scrubbedBy(scrub))
  const seen = ['SELECT 1', 'SELECT 1', 'SELECT 2', 'DELETE 2', 'SELECT 1'].map((tag) => read(tags, tag))
  assert.deepEqual(
    seen.map(({ text, rows }) => `${text}: ${rows}`),
    ['SELECT 1: 1', 'SELECT 1: 1', 'SELECT 2: 2', 'DELETE 2: 2', 'SELECT 1: 1'],
  )
})

test('a card number in a tag reaches nobody, the second time neither', () => {
  const tags = new CommandTags(scrubbedBy(scrub))
  for (let times = 0; times < 2; times += 1) {
    const { text, shown } = read(tags, 'SELECT 4111111111111111')
    assert.ok(shown)
    const { commandTag } = decodeBackend({ name: 'commandComplete', bytes: shown })
    assert.deepEqual([text.includes('4111111111111111'), commandTag], [false, text])
  }
})

test('a tag without its end is a broken upstream', () => {
  const tags = new CommandTags(scrubbedBy(scrub))
  assert.throws(() => tags.read(Buffer.from('C\0\0\0\x06OK'), 0, 7), ProtocolError)
})
