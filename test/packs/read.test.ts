import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ExampleTools } from '../../src/packs/examples.ts'
import { readPacks } from '../../src/packs/read.ts'
import { facts } from '../policy/builders.ts'

const tools: ExampleTools = {
  explain: (sent) => [facts({ effects: 'sql' in sent && sent.sql.startsWith('drop') ? ['ddl'] : [] })],
  detects: () => false,
}

const pack = (name: string, catches = 'drop'): string =>
  [
    `name: ${name}`,
    'rules:',
    '  - id: r',
    '    severity: low',
    '    description: d',
    '    message: m',
    '    effect: hold',
    '    match: { effect: ddl }',
    '    approvals: { notify: [oncall] }',
    `    examples: { catches: [${catches}], spares: [read] }`,
  ].join('\n')

function folder(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const made = mkdtempSync(path.join(tmpdir(), 'packs-'))
  t.after(() => rmSync(made, { recursive: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(made, name), content)
  return made
}

async function read(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>) {
  const made = folder(t, files)
  const { policy, problems } = await readPacks({ folder: made, tools, channels: ['oncall'] })
  return {
    policy,
    problems: problems.map(({ file, line, message }) => `${path.relative(made, file)}:${line} ${message}`),
  }
}

test('every pack of a folder is read', async (t) => {
  const { policy, problems } = await read(t, {
    'a.yaml': pack('a'),
    'b.yaml': pack('b'),
    'readme.md': 'x',
    '.hidden.yaml': '[',
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(
    policy?.packs.map((one) => one.name),
    ['a', 'b'],
  )
})

test('one broken pack makes the folder broken, and all problems of all packs are told', async (t) => {
  const { policy, problems } = await read(t, {
    'a.yaml': pack('a', 'read'),
    'b.yaml': 'name: b\nrule: []\nrules: []',
    'c.yaml': new Uint8Array([0xff, 0xfe]),
    'd.yaml': pack('d').replace('oncall', 'nobody'),
    'e.yaml': pack('d'),
    'f.yml': pack('f'),
  })
  assert.equal(policy, undefined)
  assert.deepEqual(problems, [
    'a.yaml:10 rule "r" should catch but spares this (verbs select, effects none): read',
    'b.yaml:2 unknown key "rule"; did you mean "rules"? Known here: name, description, given, record, oncall, rules, masks, access',
    'c.yaml:1 is not UTF-8',
    'd.yaml:9 rules[0].approvals.notify: no channel "nobody"; known: oncall',
    `e.yaml:1 name: "d" is already the name of ${problems.at(-2)?.split(' ').at(-1) ?? ''}`,
    'f.yml:1 is not read; name it .yaml',
  ])
})

test('a folder without packs, or that is none, is a problem', async (t) => {
  assert.deepEqual((await read(t, {})).problems, [':1 holds no pack; copy pci.yaml into it to begin with'])
  const { problems } = await readPacks({ folder: '/nowhere/at/all', tools })
  assert.match(problems[0]?.message ?? '', /is no folder that can be read/)
})
