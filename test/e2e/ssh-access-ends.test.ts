import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { mintFor } from '../../src/cli/demo/people.ts'
import type { Grant } from '../../src/access/grants.ts'
import { personName, targetName, type PersonName } from '../../src/model/ids.ts'
import type { Running } from '../support/ssh-bench.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

const ACTOR = { by: 'dan', origin: 'test' }
const MINUTE = 60_000
/** What everything that ends access is promised to take at most, and what a busy machine adds. */
const WITHIN_MS = 4000

interface Visitor {
  readonly person: PersonName
  readonly grant: Grant
  start(more: readonly string[]): Running
}

describe('access that ends under connected ssh clients', { skip: withoutSshd, timeout: 180_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage({ sshd: { ordinary: true } })
  })
  after(() => stage.stop())

  async function visitor(name: string, forMs = 60 * MINUTE): Promise<Visitor> {
    const { access } = stage.app
    const person = personName(name)
    await access.people.add({ name: person, roles: ['engineer'], password: `${name}-and-a-long-password-1` }, ACTOR)
    const given = await access.grants.grant({ person, target: targetName('web-1'), forMs, reason: 'a test' }, ACTOR)
    assert.ok(given.outcome === 'granted')
    const SSHPASS = (await mintFor(access, name)).reveal()
    const options = ['-F', stage.config, '-o', `User=${name}@web-1`]
    const start = (more: readonly string[]): Running =>
      stage.start('ssh', [...options, ...more], { input: null, env: { SSHPASS } })
    return { person, grant: given.grant, start }
  }

  /** Processes of the host, by their whole command lines. */
  const running = (command: string): boolean =>
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').includes(command)

  async function until(what: string, isSo: () => boolean, ms = 20_000): Promise<void> {
    const start = Date.now()
    while (!isSo()) {
      if (Date.now() - start > ms) throw new Error(`no sign of ${what}`)
      await pause(20)
    }
  }

  const ends: readonly [name: string, end: (of: Visitor) => Promise<unknown>, words: RegExp][] = [
    ['a revoke', ({ grant }) => stage.app.access.grants.revoke(grant.id, ACTOR), /dan revoked your access to web-1/],
    ['an account that is disabled', ({ person }) => stage.app.access.people.disable(person, ACTOR), /was disabled/],
    ['a stop of the person', ({ person }) => stopped('person', person), /dan stopped all your access: a test/],
    ['a stop of the target', () => stopped('target', 'web-1'), /dan stopped all access to this target: a test/],
    ['a stop of everything', () => stopped('everything', undefined), /dan stopped all access to everything: a test/],
  ]

  const stopped = (scope: 'person' | 'target' | 'everything', name: string | undefined): Promise<unknown> =>
    stage.app.access.stops.order({ scope, name, reason: 'a test' }, ACTOR)

  const resumed = async (of: Visitor): Promise<void> => {
    const orders = { person: of.person, target: 'web-1', everything: undefined } as const
    for (const scope of ['person', 'target', 'everything'] as const)
      await stage.app.access.stops.resume({ scope, name: orders[scope], reason: 'over' }, ACTOR)
  }

  for (const [at, [name, end, words]] of ends.entries())
    test(`${name} ends what runs, on the host too, and what waits`, async () => {
      const someone = await visitor(`visitor-${at}`)
      const [command, held] = [`sleep 4242${at}`, `sudo touch /nowhere/${at}`]
      const [plain, terminal, waiting] = [
        someone.start(['web-1', command]),
        someone.start(['-tt', 'web-1', `${command}1`]),
        someone.start(['web-1', held]),
      ]
      await until('both commands', () => running(command) && running(`${command}1`))
      const { id } = await stage.held(held)
      const since = Date.now()
      await end(someone)
      const [one, two, three] = await Promise.all([plain.ended, terminal.ended, waiting.ended])
      await resumed(someone)
      assert.ok(Date.now() - since < WITHIN_MS, `${Date.now() - since} ms`)
      for (const { out, err } of [one, two, three]) assert.match(out.toString() + err, words)
      await until('an end on the host', () => !running(command) && !running(`${command}1`), WITHIN_MS)
      assert.match((await stage.reaches(id, 'void')).state, /void/)
    })

  test('warnings come before the end, beside what runs', async () => {
    const [soon, sooner, now] = [
      await visitor('vera', 5 * MINUTE + 3000),
      await visitor('walt', MINUTE + 3000),
      await visitor('xena', 6000),
    ]
    const all = [soon, sooner, now].map((one, at) => one.start(['-tt', 'web-1', `sleep 4343${at}`]))
    const [veras, walts, xenas] = all
    await veras?.saw('your access to web-1 ends in 5 minutes, at')
    await walts?.saw('your access to web-1 ends in 1 minute, at')
    await xenas?.saw('your access to web-1 has ended: it was until')
    await xenas?.ended
    await until('an end on the host', () => !running('sleep 43432'), WITHIN_MS)
    assert.ok(running('sleep 43430') && running('sleep 43431'))
    for (const one of [veras, walts]) one?.child.kill()
  })
})
