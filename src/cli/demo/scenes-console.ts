import { Secret } from '../../std/secret.ts'
import { asError } from '../../std/errors.ts'
import { run as requestCommand } from '../request.ts'
import type { Page } from './browser.ts'
import { clean } from './holding.ts'
import type { Scene } from './scene.ts'
import { claim } from './teller.ts'
import type { Actor } from './world.ts'

const REASON = 'refund of a double charge'
const HOURS_2 = 7200

export const asks: Scene = {
  title: 'Alice has no access, and asks for it',
  async play(world, tell) {
    const { alice } = world
    const api = await alice.api()
    const refused = await api.mint({ target: 'cards', forSeconds: 900 }).then(() => undefined, asError)
    claim(refused !== undefined, 'no credential without a grant')
    tell.show(`before: ${refused.message}`)
    tell.act('alice', `countersign request cards --for 2h --reason "${REASON}" --ticket OPS-1001`)
    const ask = ['cards', '--for', '2h', '--reason', REASON, '--ticket', 'OPS-1001']
    tell.show(...(await alice.command(requestCommand, ask)).trimEnd().split('\n'))
    tell.good('card data is asked for each time: a rule says whom, and they are told')
  },
}

export const opened: Scene = {
  title: 'Bob reads who wants what and why, and opens it for two hours',
  async play(world, tell) {
    const { alice, bob } = world
    const [request] = await (await alice.api()).access.list('open')
    claim(request !== undefined, 'an open request')
    tell.act('bob opens', request.link)
    const door = await bob.browser.open(request.link)
    claim(door.text.includes('Sign in') && !door.html.includes(REASON), 'a login and nothing else', door.text)
    const page = await signIn(bob)
    claim(page.text.includes('alice wants cards for 2h') && page.text.includes(REASON), 'the request', page.text)
    tell.act('bob', 'signs in with password and one-time code, reads and presses Approve:')
    tell.show('alice wants cards for 2h', REASON, 'Ticket OPS-1001')
    const done = await bob.browser.submit('/approve', {})
    claim(done.text.includes('alice may reach cards now'), 'the page after the decision', done.text)
    const { secret } = await (await alice.api()).mint({ target: 'cards', forSeconds: HOURS_2 - 60 })
    world.issue(new Secret(secret))
    clean(await (await world.psql()).query('SELECT 1'))
    tell.show("alice's psql connects, with a password that dies with her grant")
    tell.good('access for two hours, by a second person, in the console; it closes by itself')
  },
}

export const revoked: Scene = {
  title: "Dan takes Alice's access away while she is connected",
  async play(world, tell) {
    const { dan, stage } = world
    const psql = await world.psql()
    clean(await psql.query('SELECT 1'))
    psql.send({ name: 'query', text: 'SELECT pg_sleep(30)' })
    await dan.browser.open(`${stage.config.publicUrl}/access/grants?person=alice&target=cards&state=live`)
    const page = await signIn(dan)
    claim(page.text.includes("Ends alice's access to cards now"), 'a button that says what it will do', page.text)
    tell.act('dan', 'finds her grant in the console and presses Revoke:')
    tell.show(/Ends alice's access to cards now[^.]*\./.exec(page.text)?.[0] ?? '')
    const began = performance.now()
    const [done, { error }] = await Promise.all([
      dan.browser.submit('/revoke', { reason: 'her laptop was stolen' }),
      psql.answer(),
    ])
    const seconds = (performance.now() - began) / 1000
    claim(done.text.includes('Access of alice to cards has ended'), 'the page afterwards', done.text)
    claim(error !== undefined && seconds < 2, 'the end of what ran within two seconds', seconds)
    tell.show(`alice's psql: ${error.get('V') ?? ''}:  ${error.get('M') ?? ''}`)
    tell.good('what ran was cancelled, the connection closed, her password opens nothing any more')
  },
}

export const watchedOver: Scene = {
  title: 'Carol replays it in the console and takes the evidence along',
  async play(world, tell) {
    const { carol, stage } = world
    const { publicUrl } = stage.config
    const session =
      (await (await carol.api()).sessions({})).toSorted((a, b) => b.statements - a.statements)[0]?.id ?? ''
    await carol.browser.open(`${publicUrl}/sessions/${session}/replay`)
    const replay = await signIn(carol)
    tell.act('carol', `replays ${session} in the console`)
    for (const part of ['DELETE FROM payments', 'bob', 'not during business hours', 'your looking at it is recorded'])
      claim(replay.text.includes(part), `"${part}" in the replay`, replay.text)
    const file = async (report: string): Promise<Page> => {
      tell.act('carol', `exports ${report}`)
      return carol.browser.open(`${publicUrl}/evidence?${report}`)
    }
    const touched = await file('report=touched&table=payments&format=csv')
    claim(touched.html.includes('DELETE FROM payments') && touched.html.includes('bob'), 'the DELETE', touched.html)
    const reach = await file('report=reach&format=html')
    claim(reach.html.includes(REASON) && reach.html.includes('revoked by dan'), 'grant and revocation', reach.text)
    claim(reach.text.includes('everything is as it was written'), 'a verification on its front', reach.text)
    claim(!reach.html.includes('<script'), 'a page that runs nothing')
    tell.show('who could reach what, by whose word, until when; every statement that touched payments')
    tell.good('two files that open offline, each with a verification of the period; the asking is in the ledger')
  },
}

/** Fills the sign-in that a page of the console led to, and goes where one wanted to. */
async function signIn({ browser, person, code }: Actor): Promise<Page> {
  const page = await browser.submit('/login', { person: person.name, password: person.password, totp: await code() })
  claim(page.status === 200, 'a page behind the sign-in', page.text)
  return page
}
