import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isZone, parseDays, parseHours, timeTest } from '../../src/policy/hours.ts'

test('hours are two times of a day, perhaps over midnight', () => {
  assert.deepEqual(parseHours('08:00-18:30'), { from: 480, to: 1110 })
  assert.deepEqual(parseHours('22:00-06:00'), { from: 1320, to: 360 })
  assert.deepEqual(parseHours('00:00-24:00'), { from: 0, to: 1440 })
  for (const text of ['8-18', '08:00', '08:00-08:00', '24:00-08:00', '08:00-24:01', '08:60-09:00', '25:00-26:00', ''])
    assert.equal(parseHours(text), undefined, text)
})

test('days are one or a range, perhaps over the end of the week', () => {
  assert.deepEqual(parseDays('sun'), ['sun'])
  assert.deepEqual(parseDays('mon-fri'), ['mon', 'tue', 'wed', 'thu', 'fri'])
  assert.deepEqual(parseDays('sat-mon'), ['sat', 'sun', 'mon'])
  for (const text of ['monday', 'mon-', '-fri', 'mon-fri-sun', 'Mon', ''])
    assert.equal(parseDays(text), undefined, text)
})

test('a time zone is one that clocks know', () => {
  assert.deepEqual(['UTC', 'Europe/Berlin', 'Mars/Base', ''].map(isZone), [true, true, false, false])
})

const weekdays = parseDays('mon-fri')
const office = parseHours('08:00-18:00')
const rows: readonly [at: string, zone: string, inside: boolean][] = [
  ['2026-03-02T08:00:00Z', 'UTC', true],
  ['2026-03-02T07:59:59Z', 'UTC', false],
  ['2026-03-02T17:59:59.999Z', 'UTC', true],
  ['2026-03-02T18:00:00Z', 'UTC', false],
  ['2026-03-01T12:00:00Z', 'UTC', false],
  ['2026-03-02T07:00:00Z', 'Europe/Berlin', true],
  ['2026-07-01T06:00:00Z', 'Europe/Berlin', true],
  ['2026-07-01T05:59:00Z', 'Europe/Berlin', false],
  ['2026-03-01T23:30:00Z', 'Asia/Tokyo', true],
  ['2026-03-06T23:30:00Z', 'Asia/Tokyo', false],
]

test('days and hours are those of clocks in the zone, summer time included', () => {
  for (const [at, zone, inside] of rows)
    assert.equal(timeTest(weekdays, office, zone)(Date.parse(at)), inside, `${at} ${zone}`)
})

test('hours over midnight hold on both sides of it', () => {
  const night = timeTest(undefined, parseHours('22:00-06:00'), 'UTC')
  const found = ['21:59', '22:00', '23:59', '00:00', '05:59', '06:00', '12:00'].map((time) =>
    night(Date.parse(`2026-03-02T${time}:00Z`)),
  )
  assert.deepEqual(found, [false, true, true, true, true, false, false])
})
