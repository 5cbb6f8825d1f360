import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { readCast, readCastHead, seekCast, sizeAt } from '../../src/recording/cast-reader.ts'
import { castsOf } from '../../src/recording/casts.ts'
import { readEvents, readSession } from '../../src/recording/reader.ts'
import { renderEvent, renderLines } from '../../src/recording/replay.ts'
import { Drawer } from '../../src/recording/screen-draw.ts'
import { flowOf } from '../../src/recording/screen-flow.ts'
import { Reel, ScreenSearch, type Frame } from '../../src/recording/screen-frames.ts'
import { ACTING, HOSTILE } from './hostile.ts'
import { rendered } from '../mask/rendered.ts'
import { clean, header, scratch, startNode, type FakeClock } from './node.ts'

const SESSION = 's_00000000000000000001'
const E = '\u{1b}'

/** Records what `fill` tells on channel 1; gives the folder. */
async function recorded(
  context: TestContext,
  fill: (show: (text: string) => void, clock: FakeClock) => void,
  more: { columns?: number; rows?: number; terminal?: boolean } = {},
): Promise<string> {
  const node = await startNode(scratch(context))
  const recording = node.recorder.open(header(SESSION, { protocol: 'ssh' }))
  const cast = recording.cast(1, { columns: 80, rows: 24, command: clean('shell'), terminal: true, ...more })
  fill((text) => cast.output(Buffer.from(text)), node.clock)
  node.clock.pass(1000)
  await recording.close({ reason: 'client-left' })
  return recording.folder
}

async function framesOf(folder: string): Promise<Frame[]> {
  const file = path.join(folder, 'channel-1.cast')
  const head = readCastHead(file)
  const reel = new Reel({ file, head, from: head.end, size: head })
  const frames: Frame[] = []
  for await (const frame of reel.frames()) frames.push(frame)
  reel.close()
  return frames
}

async function linesOf(folder: string): Promise<string[]> {
  const session = readSession(folder)
  const lines: string[] = []
  for await (const part of flowOf(folder, readEvents(folder)))
    lines.push(...(part.kind === 'lines' ? renderLines(part, 1) : renderEvent(part.event, session)))
  return lines
}

test('frames tell what changed, in its style, with the cursor', async (context) => {
  const folder = await recorded(context, (show, clock) => {
    show(`one\r\n${E}[1;31mtwo${E}[0m `)
    clock.pass(100)
    show(`${E}[H${E}[4mO${E}[0m`)
  })
  const [first, second, ...more] = await framesOf(folder)
  assert.deepEqual(more, [])
  assert.deepEqual([first?.columns, first?.rows, first?.lines.length, first?.cursor], [80, 24, 24, [1, 4]])
  assert.deepEqual(first?.lines.slice(0, 2), [
    [0, [['one', '']]],
    [1, [['two', 'b f1']]],
  ])
  assert.deepEqual(second, {
    ...{ ms: 100, columns: 80, rows: 24, cursor: [0, 1], isAlternate: false, marks: [] },
    lines: [
      [
        0,
        [
          ['O', 'u'],
          ['ne', ''],
        ],
      ],
    ],
  })
})

test('text that was hidden by its colours is marked, and shown', async (context) => {
  const folder = await recorded(context, (show) => show(`${E}[30;40mrm -rf ~${E}[0m ${E}[8mls`))
  const [frame] = await framesOf(folder)
  assert.deepEqual(frame?.lines[0], [
    0,
    [
      ['rm -rf ~', 'f0 g0 h'],
      [' ', ''],
      ['ls', 'h'],
    ],
  ])
})

for (const { name, text } of HOSTILE) {
  test(`to whoever looks at it later, nothing happens: ${name}`, async (context) => {
    const folder = await recorded(context, (show) => {
      show('before\r\n')
      for (let at = 0; at < text.length; at += 4096) show(text.slice(at, at + 4096))
      show(`${E}\\${E}[0m\r\nafter`)
    })
    const frames = await framesOf(folder)
    for (const { lines } of frames)
      for (const [, line] of lines)
        for (const [piece, style] of line) {
          assert.doesNotMatch(piece, ACTING)
          assert.match(style, /^[a-z0-9 ]*$/)
        }
    const drawer = new Drawer({ columns: 80, rows: 25 })
    const drawn = [
      drawer.begin(),
      ...frames.map((frame) => drawer.frame(frame)),
      drawer.status('end'),
      drawer.end(),
    ].join('')
    // Our own sequences, and no other.
    assert.doesNotMatch(drawn.replace(/\u001b(?:\[(?:\d{1,3}(?:;\d{1,3})*)?[mHJK]|\[\?7[lh]|[78])/gu, ''), ACTING)
    for (const line of await linesOf(folder)) assert.doesNotMatch(line, ACTING)
  })
}

test('what a replay draws is what the person saw', async (context) => {
  const folder = await recorded(context, (show, clock) => {
    for (let line = 0; line < 40; line++) {
      show(`line ${line} ${E}[3${line % 8}mcoloured${E}[0m 日本\r\n`)
      clock.pass(50)
    }
    show(`${E}[5;10Hmoved${E}[20;1H`)
  })
  const drawer = new Drawer({ columns: 80, rows: 25 })
  const drawn = (await framesOf(folder)).map((frame) => drawer.frame(frame)).join('')
  const raw = [...readCast(path.join(folder, 'channel-1.cast'), readCastHead(path.join(folder, 'channel-1.cast')).end)]
  const seen = await rendered(Buffer.from(raw.map(({ text }) => text).join('')), { columns: 80, rows: 24 })
  const shown = await rendered(Buffer.from(drawn), { columns: 80, rows: 25 })
  assert.deepEqual(shown, seen.slice(-23))
})

test('a window that is too small shows the rows around the cursor', async (context) => {
  const folder = await recorded(context, (show) =>
    show(Array.from({ length: 24 }, (_, at) => `row ${at}`).join('\r\n')),
  )
  const drawer = new Drawer({ columns: 20, rows: 6 })
  const drawn = (await framesOf(folder)).map((frame) => drawer.frame(frame)).join('')
  assert.deepEqual(await rendered(Buffer.from(drawn), { columns: 20, rows: 6 }), [
    'row 19',
    'row 20',
    'row 21',
    'row 22',
    'row 23',
  ])
})

test('as lines, everything that stood there is told once and in order, also what was wiped and what a full-screen program left', async (context) => {
  const folder = await recorded(
    context,
    (show) => {
      for (let line = 0; line < 20; line++) show(`line ${line}\r\n`)
      show(`half${E}[2J${E}[H`)
      show(`after the wipe\r\n${E}[?1049h${E}[2J${E}[Hfull screen${E}[?1049l`)
      show('last')
    },
    { rows: 5 },
  )
  const lines = (await linesOf(folder)).filter((line) => line.startsWith(' | ') || line.includes('full screen, as'))
  assert.deepEqual(lines, [
    ...Array.from({ length: 20 }, (_, at) => ` | line ${at}`),
    ' | half',
    ' | after the wipe',
    '-- full screen, as it was left:',
    ' | full screen',
    ' | last',
  ])
})

test('output without a terminal has its lines below each other', async (context) => {
  const folder = await recorded(context, (show) => show('one\ntwo\n'), { terminal: false })
  assert.deepEqual(
    (await linesOf(folder)).filter((line) => line.startsWith(' | ')),
    [' | one', ' | two'],
  )
})

test('a text is found on the screen with the moment, also where it scrolled away or was drawn by jumps', async (context) => {
  const folder = await recorded(context, (show, clock) => {
    show('needle in the first line\r\n')
    clock.pass(5000)
    for (let part = 0; part < 20; part++) {
      const lines = Array.from({ length: 1500 }, (_, line) =>
        part === 10 && line === 700 ? 'another Needle' : `line ${line}`,
      )
      show(`${lines.join('\r\n')}\r\n`)
    }
    clock.pass(5000)
    show(`${E}[10;5Hdle${E}[10;2Hnee`)
  })
  const file = path.join(folder, 'channel-1.cast')
  const search = new ScreenSearch({ file, head: readCastHead(file), text: 'needle' })
  const found = []
  for (let part = await search.next(100_000); part !== undefined; part = await search.next(100_000)) found.push(...part)
  search.close()
  assert.deepEqual(
    found.map(({ ms, line }) => [ms, /needle/i.test(line)]),
    [
      [0, true],
      [5000, true],
      [10_000, true],
    ],
  )
})

test('a file of any length is entered at a moment, with the size that the window had then', async (context) => {
  const folder = await recorded(context, (show, clock) => {
    for (let second = 0; second < 3000; second++) {
      show(`${second} ${'x'.repeat(500)}\r\n`)
      clock.pass(1000)
    }
  })
  const [cast] = castsOf(folder)
  assert.ok(cast)
  const from = seekCast(cast.file, cast.head, 2_000_000_000)
  const [piece] = readCast(cast.file, from)
  assert.ok(piece && piece.micros <= 2_000_000_000 && piece.micros > 1_400_000_000, String(piece?.micros))
  assert.deepEqual(sizeAt(cast.file, cast.head, from), cast.head)
})
