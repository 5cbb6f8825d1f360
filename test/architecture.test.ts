import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

/** Floor of each room. A file imports only from floors below its own, or from its own room. A new folder is a new row. */
const FLOORS: Record<string, number> = {
  'src/model': 0,
  'src/bytes': 0,
  'src/std': 0,
  'src/protocol/postgres': 1,
  'src/protocol/ssh': 1,
  'src/classify/sql': 1,
  'src/classify/shell': 1,
  'src/policy': 1,
  'src/mask': 1,
  'src/approvals': 1,
  'src/access': 1,
  'src/recording': 1,
  'src/config': 1,
  'src/session': 2,
  'src/evidence': 2, // reads recordings, ledger and stores, and answers questions about them
  'src/proxy': 3,
  'src/http': 3,
  'src/store': 3,
  'src/parsing': 3,
  'src/packs': 3,
  'src/notify': 3,
  'src/oidc': 3,
  'src/tls': 3,
  'src/wiring': 4,
  'src/app.ts': 5,
  'src/cli': 6,
  'src/main.ts': 7,
}

/** Rooms that do no I/O and ask no clock: what they may import from Node itself. */
const PURE: Record<string, readonly string[]> = {
  'src/model': [],
  'src/bytes': [],
  'src/protocol/postgres': ['node:crypto', 'node:buffer'],
  'src/classify/sql': ['node:crypto', 'node:buffer'],
  'src/protocol/ssh': ['node:crypto', 'node:buffer'],
  'src/classify/shell': [],
  'src/policy': ['node:crypto'],
  'src/mask': ['node:buffer', 'node:crypto'],
}

/** A folder whose name no reader could guess a duty from. */
const BANNED = ['index.ts', 'utils.ts', 'helpers.ts', 'types.ts', 'common.ts', 'manager.ts']

const roomOf = (file: string): string => {
  const rooms = Object.keys(FLOORS).filter((room) => file === room || file.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0] ?? file
}

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')

const files = globSync('src/**/*.ts').sort()

function violation(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const imported = path.normalize(path.join(path.dirname(file), specifier))
  const [from, to] = [roomOf(file), roomOf(imported)]
  if (from === to) return undefined
  if ((FLOORS[from] ?? -1) > (FLOORS[to] ?? 99)) return undefined
  return `${file} (floor ${FLOORS[from] ?? '?'}) imports ${imported} (floor ${FLOORS[to] ?? '?'})`
}

test('every file lies in a room of the table', () => {
  assert.deepEqual(
    files.filter((file) => FLOORS[roomOf(file)] === undefined),
    [],
  )
})

test('a file imports only from floors below its own', () => {
  const found = files.flatMap((file) => importsOf(file).map((specifier) => violation(file, specifier)))
  assert.deepEqual(
    found.filter((line) => line !== undefined),
    [],
  )
})

test('pure rooms import no I/O, clock or randomness from Node', () => {
  const found = files.flatMap((file) => {
    const allowed = PURE[roomOf(file)]
    if (allowed === undefined) return []
    return importsOf(file)
      .filter((name) => name.startsWith('node:') && !allowed.includes(name))
      .map((name) => `${file}: ${name}`)
  })
  assert.deepEqual(found, [])
})

test('only the guard issues clearances', () => {
  const issuers = files.filter((file) => readFileSync(file, 'utf8').includes('Clearance.issue('))
  assert.deepEqual(issuers, ['src/session/guard.ts'])
})

test('only an upstream file writes to an upstream socket, and a clearance is spent nowhere else', () => {
  const spenders = files.filter((file) => readFileSync(file, 'utf8').includes('.spend('))
  assert.deepEqual(spenders, ['src/proxy/postgres/upstream.ts', 'src/proxy/ssh/upstream.ts'])
})

test('no room is a catch-all', () => {
  assert.deepEqual(
    files.filter((file) => BANNED.includes(path.basename(file))),
    [],
  )
})
