import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PEOPLE, world } from '../world.ts'
import { freshCode, visitor } from './visitor.ts'

test('health is for those who watch and those who administer, the switch for those who may stop', async () => {
  const { app, state } = world()
  for (const { name, roles } of PEOPLE) {
    const browser = visitor(app)
    await browser.signIn(name)
    const may = roles.some((role) => ['admin', 'security', 'auditor'].includes(role))
    const { status, text } = await browser.get('/health')
    assert.equal(status, may ? 200 : 403, name)
    const maySwitch = roles.some((role) => ['admin', 'security'].includes(role))
    assert.equal(text.includes('action="/health/stop"'), maySwitch, name)
    if (!maySwitch) {
      const forged = { scope: 'everything', reason: 'x', totp: freshCode() }
      assert.equal((await browser.post('/health/stop', forged)).status, 403, name)
    }
  }
  assert.deepEqual([state.stops, state.purposes], [[], []])
})

test('it shows checks, packs, channels and version', async () => {
  const { app } = world({
    health: { checks: () => Promise.resolve([{ name: 'recorder', ok: false, detail: 'disk' }]) },
  })
  const browser = visitor(app)
  await browser.signIn('adam')
  const { text } = await browser.get('/health')
  for (const part of ['recorder', 'failing', 'disk', '0123456789abcdef', 'policies/pci.yaml', 'oncall', 'webhook'])
    assert.ok(text.includes(part), part)
})

test('everything is stopped and a target resumed with reason and factor', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  await browser.signIn('dan')
  const page = await browser.get('/health')
  assert.match(page.text, /trudy[^]*incident 8[^]*Resume trudy/)
  assert.match(page.text, /Ends every session of every target within two seconds/)
  assert.equal((await browser.post('/health/stop', { scope: 'everything', reason: 'fire' })).status, 403)
  assert.equal((await browser.post('/health/stop', { scope: 'everything', totp: freshCode() })).status, 400)
  const stopped = await browser.post('/health/stop', { scope: 'everything', reason: 'fire', totp: freshCode() })
  assert.equal(stopped.location, '/health')
  assert.match((await browser.get('/health')).text, /1 sessions, 2 holds, 3 grants and 4 credentials ended/)
  const resume = { scope: 'target', name: 'other', reason: 'over', totp: freshCode() }
  assert.equal((await browser.post('/health/resume', resume)).status, 303)
  assert.deepEqual(state.purposes, ['stop everything', 'resume target other'])
  assert.equal(state.stops.length, 1)
})
