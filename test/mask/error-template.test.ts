import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { templateError } from '../../src/mask/error-template.ts'
import { findPans } from '../../src/mask/pan.ts'

const PAN = '4111111111111111'
const SHOWN = '411111******1111'

/** Fields written as `S=ERROR`. */
const fields = (...written: string[]) => written.map((field) => ({ code: field.charAt(0), value: field.slice(2) }))
const seen = (tainted: boolean, ...written: string[]): string[] =>
  templateError(fields(...written), tainted).map(({ code, value }) => `${code}=${value}`)

test('a session that touched nothing tagged sees everything with its card numbers cut down', () => {
  const error = [
    'S=ERROR',
    'V=ERROR',
    'C=23505',
    `M=duplicate "${PAN}"`,
    `D=Key (n)=(${PAN})`,
    `H=${PAN}`,
    `W=${PAN}`,
    `n=k_${PAN}`,
  ]
  assert.deepEqual(
    seen(false, ...error),
    error.map((field) => field.replace(PAN, SHOWN)),
  )
})

describe('a session that touched tagged relations', () => {
  const dropped = [
    'D=Failing row contains (Alice, 737).',
    'H=h',
    'W=w',
    'q=q',
    's=s',
    't=t',
    'c=Alice',
    'd=d',
    'n=Alice',
    'F=f.c',
    'L=1',
    'R=r',
  ]

  test('sees severity, code, position and a sentence of ours', () => {
    assert.deepEqual(seen(true, 'S=FEHLER', 'V=ERROR', 'C=23502', 'M=null value in "Alice"', 'P=7', ...dropped), [
      'S=ERROR',
      'V=ERROR',
      'C=23502',
      'M=not null violation (text withheld: this session has used card data)',
      'P=7',
    ])
  })

  for (const code of [
    '22P02',
    '22003',
    '23505',
    '23514',
    '42704',
    '42P01',
    '22012',
    'P0001',
    'P0004',
    '42501',
    '57014',
    'XX000',
    '00000',
  ]) {
    test(`sees no word of a ${code}`, () => {
      const result = seen(true, 'S=ERROR', 'V=ERROR', `C=${code}`, 'M=Alice 737', ...dropped)
      assert.ok(!result.join().match(/Alice|737/))
      assert.deepEqual(result.slice(0, 3), ['S=ERROR', 'V=ERROR', `C=${code}`])
      assert.equal(result.length, 4)
    })
  }

  test("keeps the parser's words about what the person typed, cut down", () => {
    const error = [
      'S=ERROR',
      'V=ERROR',
      'C=42703',
      `M=column "x${PAN}" does not exist`,
      'P=8',
      'H=Perhaps you meant "pan".',
      'R=r',
      'n=n',
    ]
    assert.deepEqual(seen(true, ...error), [
      'S=ERROR',
      'V=ERROR',
      'C=42703',
      `M=column "x${SHOWN}" does not exist`,
      'P=8',
      'H=Perhaps you meant "pan".',
    ])
  })

  test('but not where they come from inside a function, lack a position or belong to another class', () => {
    const message = 'M=relation "Alice" does not exist'
    for (const more of [['P=8', 'q=SELECT 1'], ['P=8', 'W=PL/pgSQL function'], ['p=8'], [], ['P=Alice']]) {
      assert.ok(
        !seen(true, 'S=ERROR', 'V=ERROR', 'C=42P01', message, ...more)
          .join()
          .includes('Alice'),
        more.join(),
      )
    }
    assert.ok(!seen(true, 'S=ERROR', 'V=ERROR', 'C=22P02', 'M=bad "Alice"', 'P=8').join().includes('Alice'))
  })

  test('sees no code and no severity that a function made up', () => {
    assert.deepEqual(seen(true, 'S=Alice', 'V=Alice', 'C=41111', 'M=x', 'P=411111111111').slice(0, 3), [
      'S=ERROR',
      'V=ERROR',
      'C=P0001',
    ])
    assert.equal(seen(true, 'S=ERROR', 'C=41111', 'M=x', 'P=411111111111').length, 4)
    assert.ok(!seen(true, 'S=ERROR', 'C=42ABC', 'M=Alice', 'P=1').join().includes('Alice'))
  })

  test('sees a template in the place of a notice too', () => {
    assert.deepEqual(
      seen(true, 'S=NOTICE', 'V=NOTICE', 'C=42P07', 'M=relation "Alice" already exists, skipping', 'L=1'),
      ['S=NOTICE', 'V=NOTICE', 'C=42P07', 'M=duplicate table (text withheld: this session has used card data)'],
    )
  })

  test('reads what drivers and people act on in plain words', () => {
    for (const [code, words] of [
      ['40001', /try it again/],
      ['57P01', /administrator/],
      ['57014', /canceled/],
      ['25P02', /ignored/],
    ] as const) {
      assert.match(seen(true, 'S=FATAL', 'V=FATAL', `C=${code}`, 'M=Alice').join(), words)
    }
  })

  test('gets a whole error even where the server sent none of the fields', () => {
    assert.deepEqual(seen(true), [
      'S=ERROR',
      'V=ERROR',
      'C=P0001',
      'M=raise exception (text withheld: this session has used card data)',
    ])
  })
})

test('nothing of ours looks like a card number', () => {
  for (const code of ['22003', '57P01']) assert.deepEqual(findPans(seen(true, `C=${code}`).join()), [])
})
