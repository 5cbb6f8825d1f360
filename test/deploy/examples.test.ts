import assert from 'node:assert/strict'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, loadConfig, type Config } from '../../src/config/load.ts'
import { targetName } from '../../src/model/ids.ts'
import { createExplain, readPolicy } from '../../src/wiring/policy.ts'

const ENV = { CARDS_PASSWORD: 'made up', HOOK_SECRET: 'made up as well' }
/** What the commented channels of the example name. */
const CHAT = {
  SLACK_URL: 'https://hooks.slack.example/T0/B0/made-up',
  TEAMS_URL: 'https://teams.example/made-up',
  MAIL_PASSWORD: 'made up too',
  OIDC_SECRET: 'made up as all',
}
const CONFIGS = globSync('deploy/countersign.*.yaml').sort()
const README = readFileSync('README.md', 'utf8')
const GUIDE = readFileSync('docs/guide.md', 'utf8')

/** The YAML of a text that begins with this key, and value. */
function yamlOf(text: string, key: string, value = ''): string {
  const blocks = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text)
  const found = blocks.filter((text) => text.startsWith(`${key}:${value === '' ? '' : ` ${value}\n`}`))
  assert.equal(found.length, 1)
  return found[0] ?? ''
}

/** The text as countersign.yaml of a folder that holds every file it may name. */
function placed(t: TestContext, text: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-deploy-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, 'tls'))
  for (const name of ['cert.pem', 'key.pem', 'target-ca.pem'])
    writeFileSync(path.join(folder, 'tls', name), 'a stand-in', { mode: 0o600 })
  cpSync('policies', path.join(folder, 'policies'), { recursive: true })
  writeFileSync(path.join(folder, 'web-1.key'), 'a stand-in', { mode: 0o600 })
  const file = path.join(folder, 'countersign.yaml')
  writeFileSync(file, text.replace('ssh-ed25519 AAAA…', HOST_KEY))
  return file
}

/** In place of the one that the texts leave out. */
const HOST_KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519')]).toString('base64')}`

const load = (t: TestContext, text: string, env: Record<string, string> = ENV): Config =>
  loadConfig(placed(t, text), env)

test('there are configurations to try', () => {
  assert.deepEqual(CONFIGS, ['deploy/countersign.container.yaml', 'deploy/countersign.example.yaml'])
})

for (const file of CONFIGS) {
  test(`${file} loads, protects card data, and works with the shipped packs`, async (t) => {
    const config = load(t, readFileSync(file, 'utf8'))
    assert.deepEqual(
      [...config.targets.values()].flatMap((target) => target.tags),
      ['cde'],
    )
    const { problems } = await readPolicy(config, await createExplain())
    assert.deepEqual(problems, [])
  })

  test(`${file} names the secret that it misses`, (t) => {
    assert.throws(
      () => load(t, readFileSync(file, 'utf8'), { HOOK_SECRET: 'only this' }),
      (thrown) => thrown instanceof ConfigError && thrown.message.includes('CARDS_PASSWORD is not set'),
    )
  })
}

test('the commented parts of the example load as well', (t) => {
  const text = readFileSync('deploy/countersign.example.yaml', 'utf8')
  const whole = text.replace(
    /^# (tls:|notify:|egress:|oidc:|  - \{|  (?:issuer|clientId|clientSecret|groups|name): )/gm,
    '$1',
  )
  const config = load(t, whole, { ...ENV, ...CHAT })
  assert.notEqual(config.tls, undefined)
  assert.deepEqual(
    config.notify.map(({ name }) => name),
    ['oncall', 'chat', 'crew', 'mail'],
  )
  assert.deepEqual(config.oidc?.groups['platform'], ['engineer'])
})

test('the commented host of the example loads, and its listener', (t) => {
  const text = readFileSync('deploy/countersign.example.yaml', 'utf8')
  const uncommented = text
    .replace(/^( {2})# (?=ssh: 127|web-1:| {2}\S+: )/gm, '$1')
    .replace(/^# (?=ssh:| {2}(?:hostKey|userCa): )/gm, '')
  const file = placed(t, uncommented)
  mkdirSync(path.join(path.dirname(file), 'keys'))
  for (const name of ['ssh_host_ed25519_key', 'people-ca.pub', 'sso-ca.pub'])
    writeFileSync(path.join(path.dirname(file), 'keys', name), 'a stand-in', { mode: 0o600 })
  const config = loadConfig(file, ENV)
  const web = config.targets.get(targetName('web-1'))
  assert.deepEqual(web?.protocol === 'ssh' && [web.login.kind, web.shell, web.trust.keys], [
    'certificate',
    'commands',
    [HOST_KEY],
  ])
  assert.deepEqual(config.listen.ssh, { host: '127.0.0.1', port: 6022 })
  assert.deepEqual(
    config.ssh.userCa.map(({ checksFactor }) => checksFactor),
    [false, true],
  )
})

test('the configurations of the README and of the guide load', (t) => {
  for (const text of [README, GUIDE]) {
    const config = load(t, yamlOf(text, 'publicUrl'))
    assert.deepEqual([...config.targets.keys()], ['cards', 'web-1'])
  }
})

test('the sign-in of an organisation in the guide loads beside the rest', (t) => {
  const config = load(t, `${yamlOf(GUIDE, 'publicUrl')}${yamlOf(GUIDE, 'oidc')}`, { ...ENV, ...CHAT })
  assert.equal(config.oidc?.issuer.href, 'https://login.example.com/')
})

test('the packs of the guide are in force beside the shipped ones, and their examples behave', async (t) => {
  const config = load(t, yamlOf(GUIDE, 'publicUrl'))
  for (const name of ['refunds', 'nights'])
    writeFileSync(path.join(config.policies, `${name}.yaml`), yamlOf(GUIDE, 'name', name))
  const { policy, problems } = await readPolicy(config, await createExplain())
  assert.deepEqual(problems, [])
  assert.deepEqual(policy?.packs.map((pack) => pack.name).sort(), ['access', 'nights', 'pci', 'refunds', 'ssh'])
})

test('the masks that the shipped pack offers in a comment can be taken in as they stand', async (t) => {
  const config = load(t, yamlOf(GUIDE, 'publicUrl'))
  const [before = '', offered = ''] = readFileSync('policies/pci.yaml', 'utf8').split(/(?=^ {2}# - class: holder$)/m)
  writeFileSync(path.join(config.policies, 'pci.yaml'), before + offered.replace(/^ {2}# /gm, '  '))
  const { policy, problems } = await readPolicy(config, await createExplain())
  assert.deepEqual(problems, [])
  assert.deepEqual(policy?.masks.map((mask) => mask.class).slice(-2), ['holder', 'expiry'])
})

const Compose = z.object({
  services: z.object({
    countersign: z.object({
      build: z.object({ context: z.string(), dockerfile: z.string() }),
      ports: z.array(z.string()),
      volumes: z.array(z.string()),
      environment: z.record(z.string(), z.string()),
    }),
  }),
})

test('the compose file mounts, publishes and passes on what the container configuration names', (t) => {
  const { countersign } = Compose.parse(parse(readFileSync('deploy/compose.yaml', 'utf8'))).services
  const config = load(t, readFileSync('deploy/countersign.container.yaml', 'utf8'))
  const { postgres, http } = config.listen
  assert.deepEqual(
    countersign.ports,
    [postgres, http].map((at) => `${at?.port}:${at?.port}`),
  )
  assert.deepEqual(Object.keys(countersign.environment), Object.keys(ENV))
  assert.ok(countersign.volumes.includes(`data:${config.data}`))
  for (const mount of countersign.volumes.filter((one) => one.startsWith('./countersign')))
    readFileSync(path.join('deploy', mount.split(':')[0] ?? ''))
  readFileSync(path.join('deploy', countersign.build.context, countersign.build.dockerfile))
})

test('everything that the container file copies is there', () => {
  const copied = [...readFileSync('deploy/Containerfile', 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
  const sources = copied.flatMap(([, words = '']) => words.split(' '))
  assert.ok(sources.length > 5)
  assert.deepEqual(
    sources.filter((source) => globSync(source).length === 0),
    [],
  )
})

test('what the package ships is there, but for what its build makes', () => {
  const { files } = z.object({ files: z.array(z.string()) }).parse(JSON.parse(readFileSync('package.json', 'utf8')))
  assert.deepEqual(
    files.filter((file) => file !== 'dist' && globSync(file).length === 0),
    [],
  )
})
