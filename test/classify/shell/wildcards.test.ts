import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANY,
  BELOW,
  ONE,
  overlaps,
  placeExpression,
  placePattern,
  RUN,
  shown,
} from '../../../src/classify/shell/wildcards.ts'

const rows: readonly [one: string, other: string, meets: boolean][] = [
  ['/etc/shadow', '/etc/shadow', true],
  ['/etc/shadow', '/etc/passwd', false],
  [`/etc/sh${RUN}`, '/etc/shadow', true],
  [`/etc/sh${RUN}`, '/etc/passwd', false],
  [`/etc/${RUN}`, '/etc/ssh/key', false],
  [`/etc/${ANY}`, '/etc/ssh/key', true],
  [`/etc/${BELOW}`, '/etc/ssh/key', true],
  [`/etc/shado${ONE}`, '/etc/shadow', true],
  [`/etc${ONE}shadow`, '/etc/shadow', false],
  [`/${RUN}/sh${RUN}`, '/etc/shadow', true],
  [`/home/${RUN}`, '/home/.x', false],
  [`/home/.${RUN}`, '/home/.x', true],
  [`/var/log/${RUN}.log`, placePattern('/var/log/**'), true],
  [`/var/log/${RUN}.log`, placePattern('**/*.key'), false],
  [`~/${RUN}`, placePattern('~/.ssh/id_*'), false],
  [`~/.ssh/${RUN}`, placePattern('~/.ssh/id_*'), true],
  ['', '', true],
  ['', 'a', false],
  [ANY, '', true],
]

test('two patterns overlap where some path is meant by both', () => {
  for (const [one, other, meets] of rows) assert.equal(overlaps(one, other), meets, `${shown(one)} and ${shown(other)}`)
})

test('a place as an expression means the same as the place as a pattern', () => {
  for (const place of ['/etc/cron*', '**/.ssh/**', '/proc/*/mem', '**/*.key', '/a.b+c'])
    for (const path of [
      '/etc/cron.d',
      '/home/x/.ssh/k',
      '/proc/1/mem',
      '/proc/1/2/mem',
      '/a/b.key',
      '/a.b+c',
      '/axb+c',
    ])
      assert.equal(
        new RegExp(`^${placeExpression(place)}$`).test(path),
        overlaps(path, placePattern(place)),
        `${place} and ${path}`,
      )
})

test('long patterns cost no more than one length times the other', () => {
  const long = `${`a${RUN}`.repeat(200)}b`
  const started = process.cpuUsage().user
  assert.equal(overlaps(long, `${'a'.repeat(400)}c`), false)
  assert.ok(process.cpuUsage().user - started < 2_000_000)
})
