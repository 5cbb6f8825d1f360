import { Secret } from '../../std/secret.ts'
import { systemClock } from '../../std/clock.ts'
import { asError } from '../../std/errors.ts'
import { run as evidenceCommand } from '../evidence.ts'
import { run as requestCommand } from '../request.ts'
import { clean } from './holding.ts'
import type { Scene } from './scene.ts'
import { claim } from './teller.ts'
import { WireClient } from './wire-client.ts'
import type { World } from './world.ts'

const REASON = 'customer 17 was charged twice'

export const asked: Scene = {
  title: 'Erik asks as well, and Dora opens it for half an hour from her terminal',
  async play(world, tell) {
    const { erik, dora } = world
    const asEngineer = await erik.api()
    const refused = await asEngineer.mint({ target: 'cards', forSeconds: 900 }).then(() => undefined, asError)
    claim(refused !== undefined, 'no credential without a grant')
    tell.show(`before: ${refused.message}`)
    tell.act('erik', `countersign request cards --for 30m --reason "${REASON}" --ticket OPS-1017`)
    const ask = ['cards', '--for', '30m', '--reason', REASON, '--ticket', 'OPS-1017']
    tell.show(...(await erik.command(requestCommand, ask)).trimEnd().split('\n'))
    const asApprover = await dora.api()
    const [open] = await asApprover.access.list('open')
    claim(open !== undefined && open.person === 'erik', 'one open request, of erik', open)
    const granted = await asApprover.access.approve(open.id, { factor: await dora.code() })
    claim(granted.state === 'granted', 'a grant', granted.state)
    tell.act('dora', `countersign request approve ${open.id}`)
    tell.good('nobody has standing access; this one closes by itself')
  },
}

export const stoppedLive: Scene = {
  title: 'Dan stops Erik in the middle of his session',
  async play(world, tell) {
    const { erik, dan } = world
    const { secret } = await (await erik.api()).mint({ target: 'cards', forSeconds: 900 })
    const psql = await connectWith(world, new Secret(secret))
    const { rows } = clean(await psql.query('SELECT count(*) FROM payments WHERE id < 10'))
    claim(rows.length === 1, 'one row', rows)
    tell.show("erik's psql works")
    psql.send({ name: 'query', text: 'SELECT pg_sleep(30)' })
    tell.act('dan', 'countersign stop person erik --reason "his laptop was stolen"')
    const [api, factor] = [await dan.api(), await dan.code()]
    const began = performance.now()
    await api.stops.stop({ scope: 'person', name: 'erik', reason: 'his laptop was stolen', factor })
    const { error } = await psql.answer()
    const seconds = (performance.now() - began) / 1000
    claim(error !== undefined && seconds < 2, 'the end of the session within two seconds', seconds)
    tell.show(`${error.get('V') ?? ''}:  ${error.get('M') ?? ''}`)
    tell.good('what ran was cancelled, the session closed, and his credential is dead')
  },
}

export const evidence: Scene = {
  title: 'Carol answers an assessor without asking an engineer',
  async play(world, tell) {
    tell.act('carol', 'countersign evidence reach')
    const reach = await world.carol.command(evidenceCommand, ['reach'])
    claim(reach.includes('erik') && reach.includes(REASON), 'who could reach what, and why', reach)
    tell.show(...reach.trimEnd().split('\n').slice(0, EXCERPT))
    tell.act('carol', 'countersign evidence touched --table payments --format csv')
    const touched = await world.carol.command(evidenceCommand, ['touched', '--table', 'payments', '--format', 'csv'])
    claim(touched.includes('DELETE FROM payments'), 'the DELETE among what touched payments', touched)
    tell.good('each answer is itself in the ledger')
  },
}

const EXCERPT = 8

function connectWith({ stage }: World, password: Secret): Promise<WireClient> {
  const [target] = stage.config.targets.values()
  return WireClient.connect({
    ...{ user: 'erik@cards', password, database: target?.database ?? '', parameters: new Map() },
    ...{ clock: systemClock, deadlineMs: 10_000 },
    target: { host: '127.0.0.1', port: stage.app.ports.postgres ?? 0, tls: 'off' },
  })
}
