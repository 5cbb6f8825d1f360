import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escaped } from '../../src/std/html.ts'

test('text cannot leave the element or the attribute that it stands in', () => {
  assert.equal(
    escaped(`<b title='a' id="b">&amp;</b>`),
    '&lt;b title=&#39;a&#39; id=&quot;b&quot;&gt;&amp;amp;&lt;/b&gt;',
  )
  assert.equal(escaped('SELECT 1'), 'SELECT 1')
})
