import { asError } from '../../std/errors.ts'
import { RefusedError } from '../command.ts'
import { ROWS } from './card-shop-rows.ts'
import { clean, held, reaches, refusedWith } from './holding.ts'
import type { Scene } from './scene.ts'
import { claim } from './teller.ts'

const DELETE = 'DELETE FROM payments'

export const waits: Scene = {
  title: 'A dangerous statement waits inside the open connection',
  async play(world, tell) {
    const psql = await world.psql()
    tell.act('alice=>', DELETE)
    psql.send({ name: 'query', text: DELETE })
    const { approval, link, lines } = await held(psql, 'unfiltered-write')
    tell.show(...lines)
    const told = await world.hook.message('approval.opened', approval)
    claim(told.link === link && told.person === 'alice', 'the same link in the message', told.link)
    claim(!told.body.includes(DELETE), 'no statement in the message', told.body)
    tell.good('her psql waits; the person on call has a signed message with the link, and no statement in it')
  },
}

export const countersigned: Scene = {
  title: 'Bob opens the link, reads it and countersigns',
  async play(world, tell) {
    const { phone: browser, bob, hook } = world
    const told = hook.told.findLast(({ kind }) => kind === 'approval.opened')
    claim(told !== undefined, 'a message on the webhook')
    tell.act('bob opens', `${told.link} on his phone`)
    const door = await browser.open(told.link)
    claim(door.text.includes('Sign in') && !door.html.includes(DELETE), 'a login and nothing else', door.text)
    tell.show('a login form; whoever only has the link learns nothing')
    const page = await browser.submit('/login', {
      person: 'bob',
      password: bob.person.password,
      totp: await bob.code(),
    })
    claim(page.status === 200 && page.html.includes(DELETE), 'the whole statement', page.text)
    tell.act('bob', 'logs in with password and one-time code and reads the whole statement:')
    tell.show(
      /alice wants to run [^<]*/.exec(page.html)?.[0].trim() ?? '',
      DELETE,
      'No filter that counts: it may reach every row.',
    )
    const psql = await world.psql()
    claim(!psql.isAnswered, 'that looking decided nothing')
    tell.act('bob', 'presses Approve')
    const done = await browser.submit('/approve', {})
    claim(done.status === 200, 'the page after the decision', done.text)
    const { tags } = clean(await psql.answer())
    claim(tags[0] === `DELETE ${ROWS.payments}`, `DELETE ${ROWS.payments}`, tags)
    tell.show(`alice's psql: ${tags[0]}`)
    tell.good('exactly the statement that he read ran, once, in the connection that asked for it')
  },
}

const UPDATE = "UPDATE customers SET city = 'Nowhere'"

export const fourEyes: Scene = {
  title: 'Nobody countersigns their own statement',
  async play(world, tell) {
    const psql = await world.psql()
    tell.act('alice=>', UPDATE)
    psql.send({ name: 'query', text: UPDATE })
    const { approval } = await held(psql, 'unfiltered-write')
    const api = await world.alice.api()
    const { digest, mayDecide } = await api.approval(approval)
    claim(!mayDecide, 'no right to decide')
    tell.act('alice', `tries to countersign ${approval} herself`)
    const refusal = await refusedCall(api.approve(approval, { digest, factor: await world.alice.code() }))
    claim(refusal.json['code'] === 'own-approval' && refusal.json['status'] === 403, 'a refusal', refusal.message)
    tell.show(`403 ${refusal.message}`)
    claim(!psql.isAnswered, 'the statement still waiting')
    tell.good('refused, and the statement still waits')
  },
}

export const denied: Scene = {
  title: 'Bob says no, and says why',
  async play(world, tell) {
    const psql = await world.psql()
    const { bob } = world
    const inbox = await bob.browser.open(`${world.stage.config.publicUrl}/approvals`)
    const path = /href="(\/approvals\/a_[0-9a-z]{12})"/.exec(inbox.html)?.[1]
    claim(path !== undefined, 'one approval in the inbox', inbox.text)
    await bob.browser.open(`${world.stage.config.publicUrl}${path}`)
    const reason = 'not during business hours, please'
    tell.act('bob', `finds it in the console, presses Deny and writes "${reason}"`)
    const done = await bob.browser.submit('/deny', { reason, totp: await bob.code() })
    claim(done.status === 200 && done.text.includes('You denied it'), 'the page after the denial', done.text)
    const lines = refusedWith(await psql.answer(), '42501')
    tell.show(...lines)
    claim(lines.join(' ').includes(`bob`) && lines.join(' ').includes(reason), "bob's name and reason", lines)
    const { rows } = clean(await psql.query("SELECT count(*) FROM customers WHERE city = 'Nowhere'"))
    claim(rows[0]?.[0] === '0', 'no row changed', rows)
    tell.good('SQLSTATE 42501 with his reason; nothing changed and the session lives on')
  },
}

export const withdrawn: Scene = {
  title: 'Ctrl-C withdraws what waits',
  async play(world, tell) {
    const psql = await world.psql()
    const shown = "SELECT id FROM cards WHERE pan = '…'"
    tell.act('alice=>', `${shown}   (a whole card number in the text)`)
    psql.send({ name: 'query', text: shown.replace('…', '4242424242424242') })
    const { approval } = await held(psql, 'card-probe')
    tell.act('alice', 'presses Ctrl-C')
    await psql.cancel()
    tell.show(...refusedWith(await psql.answer(), '57014'))
    await reaches(await world.dora.api(), approval, 'withdrawn')
    tell.good(`SQLSTATE 57014, and ${approval} is withdrawn`)
  },
}

export const left: Scene = {
  title: 'Who leaves takes the request along',
  async play(world, tell) {
    const laptop = await world.connect()
    tell.act('alice=>', 'DROP TABLE payments   (a second connection)')
    laptop.send({ name: 'query', text: 'DROP TABLE payments' })
    const { approval } = await held(laptop, 'definitions')
    const api = await world.dora.api()
    const { digest } = await api.approval(approval)
    tell.act('alice', 'closes the laptop')
    laptop.hangUp()
    await reaches(api, approval, 'void')
    tell.act('dora', 'countersigns a moment later')
    // Refused by its state before the code is looked at, so none is spent.
    const refusal = await refusedCall(api.approve(approval, { digest, factor: '000000' }))
    claim(refusal.json['state'] === 'void', 'a refusal because it is void', refusal.message)
    tell.show(`409 ${refusal.message}`)
    const { rows } = clean(await (await world.psql()).query("SELECT to_regclass('payments')"))
    claim(rows[0]?.[0] === 'payments', 'the table still there', rows)
    tell.good('void: nothing runs for somebody who is not there any more')
  },
}

export const expired: Scene = {
  title: 'What nobody answers expires',
  async play(world, tell) {
    const psql = await world.psql()
    const text = 'UPDATE refunds SET amount = 1 WHERE id = 1'
    tell.act('alice=>', `${text}   (the rule gives three seconds)`)
    psql.send({ name: 'query', text })
    const { approval } = await held(psql, 'short-hold')
    tell.show(...refusedWith(await psql.answer(), '42501'))
    await reaches(await world.dora.api(), approval, 'expired')
    tell.good('refused, because no answer is no')
  },
}

/** The refusal that a call has to end in. */
async function refusedCall(call: Promise<unknown>): Promise<RefusedError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  claim(
    outcome instanceof RefusedError,
    'a refusal of the API',
    outcome === undefined ? 'it was done' : asError(outcome).message,
  )
  return outcome
}
