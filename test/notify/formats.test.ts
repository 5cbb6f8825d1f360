import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailOf } from '../../src/notify/email.ts'
import { tableName } from '../../src/notify/inert.ts'
import { plainText } from '../../src/notify/notice.ts'
import { slackBody } from '../../src/notify/slack.ts'
import { teamsBody } from '../../src/notify/teams.ts'
import { HOSTILE, notices, PAN } from './hostile.ts'

const same = (text: string): string => text

/** Every string of a JSON value with the name that it stands under. */
function texts(value: unknown, key = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[key, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => texts(inner, Array.isArray(value) ? key : name))
}

/** Signs that some reader takes for markup, a mention or an invisible thing. */
const LOUD = /[\p{Cc}\p{Cf}<>&@*#~|`[\]\\]/u
const LINKED = /:\/\/|\w\w\.[a-z]/i

for (const [number, name] of HOSTILE.entries()) {
  for (const [kind, notice] of notices(name).map((one) => [one.kind, one] as const)) {
    const where = `hostile text ${number} in ${kind}`

    test(`${where} is inert in the lines that every format is made of`, () => {
      const own = new Set(['State', 'Answer until'])
      const others = notice.lines.filter(({ label }) => !own.has(label))
      for (const text of [notice.headline, ...others.map((line) => line.text)]) {
        assert.doesNotMatch(text, LOUD)
        assert.doesNotMatch(text, LINKED)
      }
      assert.doesNotMatch(JSON.stringify(notice), new RegExp(`${PAN}|secret-of-a-statement`))
    })

    test(`${where}: Slack gets plain text in every block`, () => {
      const body: unknown = JSON.parse(slackBody(notice))
      const types = texts(body)
        .filter(([key]) => key === 'type')
        .map(([, type]) => type)
      assert.deepEqual([...new Set(types)].sort(), ['actions', 'button', 'plain_text', 'section'])
      assert.deepEqual(
        texts(body).filter(([key]) => key === 'url'),
        [['url', notice.link]],
      )
      assert.ok(texts(body).every(([, text]) => text.length <= 3000))
    })

    test(`${where}: Teams gets runs of text and one link, ours`, () => {
      const body: unknown = JSON.parse(teamsBody(notice))
      const types = new Set(
        texts(body)
          .filter(([key]) => key === 'type')
          .map(([, type]) => type),
      )
      assert.deepEqual([...types].sort(), ['Action.OpenUrl', 'AdaptiveCard', 'RichTextBlock', 'TextRun', 'message'])
      assert.deepEqual(
        texts(body).filter(([key]) => key === 'url'),
        [['url', notice.link]],
      )
      assert.ok(JSON.stringify(body).length < 28_000, 'a card of Teams may have 28 kB')
    })

    test(`${where}: a mail has one line of subject`, () => {
      const [subject = '', headline, blank] = mailOf(notice).split('\n')
      assert.match(subject, /^[\p{L}\p{N} .,:;?!()'_-]+$/u)
      assert.deepEqual([headline, blank], [subject, ''])
      assert.ok(!mailOf(notice).includes('\r'))
    })
  }
}

test('nothing of a request in the words of whoever asks is told', () => {
  const [, request] = notices('only-here')
  assert.ok(request)
  assert.equal(JSON.stringify(request).match(/only-here/g)?.length, 2, 'the rule, in a line and in the payload')
})

test('a name of two parts is not made to look like a host', () => {
  assert.equal(tableName({ schema: 'evil', name: 'com' }, same), 'com (evil)')
  assert.equal(tableName({ schema: '', name: 'https://evil.com/x' }, same), 'https? ??evil? com?x')
})

test('a letter ends with its link', () => {
  const [notice] = notices('payments')
  assert.ok(notice)
  assert.match(plainText(notice), /\n\nhttps:\/\/countersign\.example\/approvals\/a_abcdefghij01$/)
  const [text = ''] = texts(JSON.parse(slackBody({ ...notice, lines: [{ label: 'x', text: 'y'.repeat(9000) }] })))
    .filter(([key]) => key === 'text')
    .map(([, one]) => one)
    .filter((one) => one.includes('yyy'))
  assert.match(text, /…\nhttps:\/\/countersign\.example\/approvals\/a_abcdefghij01$/)
})
