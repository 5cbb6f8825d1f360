import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Patch } from '../../../src/bytes/patch.ts'
import type { CopyPlan } from '../../../src/protocol/postgres/copy-plan.ts'
import { createCopyMasker } from '../../../src/protocol/postgres/copy-rows.ts'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import type { CellGlance, CellMask } from '../../../src/protocol/postgres/rows.ts'
import { seeded } from '../../support/random.ts'
import { assertSplitInvariant } from '../../support/split.ts'

const say =
  (text: string | null): CellMask =>
  () =>
    text === null ? null : Buffer.from(text)
const same: CellMask = (value) => Buffer.from(value)

const plan = (given: Partial<CopyPlan> & Pick<CopyPlan, 'format' | 'masks'>): CopyPlan => ({ header: false, ...given })

/** The masked stream of the chunks; the same masks as often as wanted. */
function copied(copy: CopyPlan, chunks: readonly Buffer[]): string {
  const masker = createCopyMasker(copy)
  const out = chunks.map((chunk) => masker.push(chunk))
  out.push(masker.end())
  return Buffer.concat(out).toString('latin1')
}

const whole = (copy: CopyPlan, text: string | Buffer): string => copied(copy, [Buffer.from(text)])

/** A mask that notes what it sees. */
function watch(seen: string[]): CellMask {
  return (value) => {
    seen.push(value.toString('latin1'))
    return value
  }
}

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const TRAILER = Buffer.from([255, 255])
function tuple(...cells: (string | null)[]): Buffer {
  const parts = [Buffer.from([0, cells.length])]
  for (const cell of cells) {
    const length = Buffer.alloc(4)
    length.writeInt32BE(cell?.length ?? -1)
    parts.push(length, Buffer.from(cell ?? '', 'latin1'))
  }
  return Buffer.concat(parts)
}
const binary = (masks: CopyPlan['masks']): CopyPlan => plan({ format: 'binary', masks })
const stream = (...parts: Buffer[]): Buffer => Buffer.concat([HEADER, ...parts, TRAILER])

interface Case {
  readonly about: string
  readonly copy: CopyPlan
  readonly given: string
  readonly expected: string
}

const text = (masks: CopyPlan['masks']): CopyPlan => plan({ format: 'text', masks })
const csv = (masks: CopyPlan['masks']): CopyPlan => plan({ format: 'csv', masks })

const CASES: readonly Case[] = [
  { about: 'nothing to mask', copy: text([undefined, undefined]), given: '1\ta\n2\tb\n', expected: '1\ta\n2\tb\n' },
  {
    about: 'masks that change nothing',
    copy: text([same, same]),
    given: '1\ta\\tb\n\\N\t\n',
    expected: '1\ta\\tb\n\\N\t\n',
  },
  {
    about: 'a masked column',
    copy: text([undefined, say('*')]),
    given: '1\t4111\n2\t5500\n',
    expected: '1\t*\n2\t*\n',
  },
  { about: 'a cell to NULL', copy: text([say(null), undefined]), given: '1\ta\n', expected: '\\N\ta\n' },
  { about: 'NULL stays', copy: text([say('*'), say('*')]), given: '\\N\ta\n', expected: '\\N\t*\n' },
  {
    about: 'escapes in what a mask gives',
    copy: text([say('a\tb\\\n\r\b\f\v')]),
    given: 'x\n',
    expected: 'a\\tb\\\\\\n\\r\\b\\f\\v\n',
  },
  { about: 'an escaped tab', copy: text([undefined, say('*')]), given: 'a\\\tb\tc\n', expected: 'a\\\tb\t*\n' },
  { about: 'one empty cell', copy: text([say('*')]), given: '\n', expected: '*\n' },
  { about: 'no columns', copy: text([]), given: '\n\n', expected: '\n\n' },
  { about: 'the old end mark', copy: text([say('*')]), given: 'a\n\\.\n', expected: '*\n\\.\n' },
  { about: 'no line feed at the end', copy: text([say('*')]), given: 'a\nb', expected: '*\n*' },
  {
    about: 'csv with nothing to mask',
    copy: csv([undefined, same]),
    given: '1,"a ""b"", c"\n2,\n',
    expected: '1,"a ""b"", c"\n2,\n',
  },
  {
    about: 'csv with a masked column',
    copy: csv([undefined, say('*')]),
    given: '1,4111\n2,"55,00"\n',
    expected: '1,*\n2,*\n',
  },
  {
    about: 'csv with a line feed in quotes',
    copy: csv([same, say('*')]),
    given: '"a\nb","c\n""d"\n',
    expected: '"a\nb",*\n',
  },
  { about: 'csv to NULL and from NULL', copy: csv([say(null), say('*')]), given: 'a,\n', expected: ',\n' },
  { about: 'csv with an empty string', copy: csv([undefined, say('')]), given: '"",a\n', expected: '"",""\n' },
  {
    about: 'csv with quotes in what a mask gives',
    copy: csv([say('a,"b"\n')]),
    given: 'x\n',
    expected: '"a,""b""\n"\n',
  },
  { about: 'csv of one NULL column', copy: csv([say('*')]), given: '\n"\\."\n', expected: '\n*\n' },
  { about: 'csv with no columns', copy: csv([]), given: '\n\n', expected: '\n\n' },
]

describe('a copy', () => {
  for (const { about, copy, given, expected } of CASES) {
    test(`with ${about} is masked in its own syntax, however it is cut`, () => {
      assert.equal(whole(copy, given), expected)
      assertSplitInvariant(Buffer.from(given), (chunks) => copied(copy, chunks))
    })
  }

  test('shows masks the cell without escapes', () => {
    const seen: string[] = []
    const mask = watch(seen)
    whole(text([mask, mask, mask]), 'a\\tb\t\\\\N\t\\x41\\101\\q\\8\\x\n')
    assert.deepEqual(seen.splice(0), ['a\tb', '\\N', 'AAq8x'])
    whole(csv([mask, mask, mask]), '"a,b","x""y",\\N\n')
    assert.deepEqual(seen, ['a,b', 'x"y', '\\N'])
  })

  test('shows cells without a mask to the mask for all', () => {
    const seen: string[] = []
    const everyCell = watch(seen)
    assert.equal(whole(plan({ format: 'text', masks: [undefined, say('*')], everyCell }), 'a\tb\n'), 'a\t*\n')
    assert.deepEqual(seen, ['a'])
  })

  test('gives the very buffer where nothing of it changes', () => {
    const chunk = Buffer.from('1\ta\n2\tb\n')
    assert.deepEqual(createCopyMasker(text([undefined, same])).push(chunk), chunk)
    assert.equal(createCopyMasker(text([undefined, same])).push(chunk).buffer, chunk.buffer)
  })

  test('counts rows and not the header', () => {
    const masker = createCopyMasker({ format: 'csv', header: true, masks: [undefined] })
    masker.push(Buffer.from('name\na\nb\n'))
    assert.equal(masker.rows, 2)
  })

  test('scrubs the names in a header and masks no name', () => {
    const scrubName = (name: string): string => (name.startsWith('4') ? 'a,b' : name)
    for (const [format, given, expected] of [
      ['csv', '"na""me",4111\nx,y\n', '"na""me","a,b"\n*,y\n'],
      ['text', 'na\\tme\t4111\nx\ty\n', 'na\\tme\ta,b\n*\ty\n'],
    ] as const) {
      const copy = plan({ format, header: true, masks: [say('*'), undefined], scrubName })
      assert.equal(whole(copy, given), expected)
      assertSplitInvariant(Buffer.from(given), (chunks) => copied(copy, chunks))
    }
  })
})

/** The masked stream of bodies that lie in one buffer with other bytes between them, as the bodies of frames do. */
function patched(copy: CopyPlan, bodies: readonly Buffer[]): string {
  const masker = createCopyMasker(copy)
  const gap = Buffer.from('4111\t"\n\\')
  const buffer = Buffer.concat(bodies.flatMap((body) => [gap, body]))
  const before = Buffer.from(buffer)
  const patch = new Patch(buffer)
  const out: Buffer[] = []
  let at = 0
  for (const body of bodies) {
    const span = { buffer, start: at + gap.length, end: at + gap.length + body.length }
    const place = patch.placeOf(span.start)
    const length = masker.patch(span, patch)
    assert.equal(patch.placeOf(span.end) - place, length)
    out.push(Buffer.from(patch.finish(span.end).subarray(place, place + length)))
    at = span.end
  }
  assert.deepEqual(buffer, before)
  return Buffer.concat([...out, masker.end()]).toString('latin1')
}

describe('a copy whose bodies lie in one buffer', () => {
  for (const { about, copy, given, expected } of CASES)
    test(`with ${about} is masked there, however it is cut`, () => {
      assert.equal(patched(copy, [Buffer.from(given)]), expected)
      assertSplitInvariant(Buffer.from(given), (chunks) => patched(copy, chunks))
    })
})

describe('rows that nothing is suspected in', () => {
  const never: CellMask = () => assert.fail('a mask was called')
  const suspects = (bytes: Buffer, start: number, end: number): boolean => bytes.subarray(start, end).includes('41')
  const seen = (copy: CopyPlan, given: string | Buffer): string[] => {
    const cells: string[] = []
    const mask = watch(cells)
    whole({ ...copy, masks: copy.masks.map(() => mask), suspects }, given)
    return cells
  }

  test('are counted, and their masks are not asked', () => {
    for (const [format, given] of [
      ['text', 'a\\tb\t\\N\n'],
      ['csv', '"a,b",\n'],
      ['binary', stream(tuple('a', null))],
    ] as const) {
      const masker = createCopyMasker(plan({ format, masks: [never, never], suspects }))
      assert.equal(masker.push(Buffer.from(given)).length, given.length)
      assert.equal(masker.rows, 1)
    }
  })

  test('must have the right number of columns all the same', () => {
    for (const given of ['a\n', 'a\tb\tc\n'])
      assert.throws(() => whole(plan({ format: 'text', masks: [never, never], suspects }), given), ProtocolError)
    assert.throws(() => whole(plan({ format: 'csv', masks: [never, never], suspects }), 'a\n'), ProtocolError)
  })

  test('do not take a suspicious one with them', () => {
    assert.deepEqual(seen(text([same, same]), 'a\tb\n41\tb\nc\td\n'), ['41', 'b'])
    assert.deepEqual(seen(csv([same, same]), 'a,b\n"41",b\n'), ['41', 'b'])
    assert.deepEqual(seen(binary([same, same]), stream(tuple('a', 'b'), tuple('41', 'b'))), ['41', 'b'])
  })

  test('are read cell by cell where an escape may stand for anything', () => {
    for (const cell of ['\\x34\\x31', '4\\1', '\\64\\61', '4\\-1', '\\.'])
      assert.equal(seen(text([same, same]), `${cell}\tb\n`).length, 2, cell)
  })

  test('show the names of their header to the scrubber', () => {
    const copy = plan({ format: 'csv', header: true, masks: [never], suspects, scrubName: () => 'x' })
    assert.equal(whole(copy, 'name\na\n'), 'x\na\n')
  })
})

describe('glances at the cells of a copy', () => {
  const star: CellGlance = (patch, start, end) => {
    if (end - start !== 4) return 'unsure'
    patch.fill(start, end, 0x2a)
    return 'overwritten'
  }
  const glances = [star, undefined]

  test('spare the masks of those that they know', () => {
    assert.equal(whole({ ...text([say('x'), same]), glances }, '4111\ta\n411\ta\n\\N\ta\n'), '****\ta\nx\ta\n\\N\ta\n')
    assert.equal(whole({ ...csv([say('x'), same]), glances }, '4111,a\n"41",a\n,a\n'), '****,a\n****,a\n,a\n')
  })

  test('are not asked about a row with an unusual escape', () => {
    assert.equal(whole({ ...text([say('x'), same]), glances }, '\\x34\ta\n'), 'x\ta\n')
  })
})

describe('a copy that is not what was announced', () => {
  const refused: readonly (readonly [string, CopyPlan, string])[] = [
    ['text with a column too many', text([undefined]), 'a\tb\n'],
    ['text with a column too few', text([undefined, undefined]), 'a\n'],
    ['text with columns where none are', text([]), 'a\n'],
    ['text with an escaped line feed', text([undefined]), 'a\\\n'],
    ['text behind the end mark', text([undefined]), '\\.\na\n'],
    ['csv with a column too many', csv([undefined]), 'a,b\n'],
    ['csv with a column too few', csv([undefined, undefined]), '"a,b"\n'],
    ['csv with a quote inside', csv([undefined]), 'a"b"\n'],
    ['csv with text behind a quote', csv([undefined]), '"a"b\n'],
    ['csv with an open quote at the end', csv([undefined]), '"a\n'],
    ['a header with a column too many', plan({ format: 'csv', header: true, masks: [undefined] }), 'a,b\n'],
    ['a header of invalid UTF-8', plan({ format: 'csv', header: true, masks: [undefined] }), '\xff\n'],
  ]
  for (const [about, copy, given] of refused) {
    test(`${about} is a ProtocolError, however it is cut`, () => {
      const bytes = Buffer.from(given, 'latin1')
      assert.throws(() => copied(copy, [bytes]), ProtocolError)
      assert.throws(
        () =>
          copied(
            copy,
            Array.from(bytes, (byte) => Buffer.of(byte)),
          ),
        ProtocolError,
      )
    })
  }

  test('a row over 32 MiB is a ProtocolError', () => {
    const chunk = Buffer.alloc(1024 * 1024, 'a')
    for (const format of ['text', 'csv'] as const) {
      const masker = createCopyMasker(plan({ format, masks: [undefined] }))
      assert.throws(() => {
        for (let count = 0; count <= 32; count++) masker.push(chunk)
      }, ProtocolError)
    }
  })
})

describe('a binary copy', () => {
  test('is masked row by row, however it is cut', () => {
    const given = stream(tuple('1', '4111', null), tuple('2', '', 'x'))
    const copy = binary([undefined, say('longer'), say(null)])
    assert.equal(whole(copy, given), stream(tuple('1', 'longer', null), tuple('2', 'longer', null)).toString('latin1'))
    assertSplitInvariant(given, (chunks) => copied(copy, chunks))
  })

  test('goes on as it is where nothing changes', () => {
    const given = stream(tuple('1', null), tuple('', '2'))
    assert.equal(whole(binary([same, undefined]), given), given.toString('latin1'))
    assert.equal(whole(binary([]), stream(tuple(), tuple())), stream(tuple(), tuple()).toString('latin1'))
  })

  test('counts its rows', () => {
    const masker = createCopyMasker(binary([undefined]))
    masker.push(stream(tuple('1'), tuple('2')))
    assert.equal(masker.rows, 2)
    assert.equal(masker.end().length, 0)
  })

  const flags = Buffer.from(HEADER)
  flags.writeUInt8(1, 12)
  const extension = Buffer.from(HEADER)
  extension.writeUInt8(1, 18)
  const negative = tuple('1')
  negative.writeInt32BE(-2, 2)
  const endless = tuple('1')
  endless.writeInt32BE(2 ** 31 - 1, 2)
  const refused: readonly (readonly [string, Buffer])[] = [
    ['no header', Buffer.concat([tuple('1'), TRAILER])],
    ['flags', Buffer.concat([flags, TRAILER])],
    ['a header extension', Buffer.concat([extension, TRAILER])],
    ['a column too many', stream(tuple('1', '2'))],
    ['a column too few', stream(tuple())],
    ['a negative length', stream(negative)],
    ['a length of 2 GB', stream(endless)],
    ['bytes behind its trailer', Buffer.concat([stream(), tuple('1')])],
    ['no trailer', Buffer.concat([HEADER, tuple('1')])],
    ['half a row at its end', Buffer.concat([HEADER, tuple('1').subarray(0, 6)])],
    ['nothing in it', Buffer.alloc(0)],
  ]
  for (const [about, given] of refused) {
    test(`with ${about} is a ProtocolError, however it is cut`, () => {
      assert.throws(() => copied(binary([undefined]), [given]), ProtocolError)
      assert.throws(
        () =>
          copied(
            binary([undefined]),
            Array.from(given, (byte) => Buffer.of(byte)),
          ),
        ProtocolError,
      )
    })
  }
})

test('six thousand mutated copies give a copy whose second column is masked, or a ProtocolError', () => {
  const random = seeded(11)
  const samples = [
    [text([same, say('*'), undefined]), Buffer.from('1\t4111\ta\\tb\n\\N\t\\x41\t\\\\\n')],
    [csv([same, say('*'), undefined]), Buffer.from('1,"41,11",a\n,"a""b",\n')],
    [binary([same, say('*'), undefined]), stream(tuple('1', '4111', null), tuple('2', '', 'x'))],
  ] as const
  for (let round = 0; round < 6_000; round++) {
    const [copy, sample] = samples[round % samples.length] ?? samples[0]
    const bytes = Buffer.from(sample)
    bytes.writeUInt8([9, 10, 34, 44, 92, 0, 255, 78][random.below(8)] ?? 0, random.below(bytes.length))
    try {
      const seen: string[] = []
      whole({ ...copy, masks: [undefined, watch(seen), undefined] }, Buffer.from(whole(copy, bytes), 'latin1'))
      assert.ok(
        seen.every((value) => value === '*'),
        bytes.toString('hex'),
      )
    } catch (error) {
      assert.ok(error instanceof ProtocolError, bytes.toString('hex'))
    }
  }
})
