import { run as approve } from '../approve.ts'
import { clean, held } from './holding.ts'
import type { Canary } from './leak-search.ts'
import type { Scene } from './scene.ts'
import { claim, table } from './teller.ts'

/** A published test number that is not in the shop, and a security code that cannot stand anywhere by chance. */
export const CANARY_PAN: Canary = { text: '4000000000000077', name: 'the new card number' }
export const CANARY_CVV: Canary = { text: 'cvv-73519', name: 'the new security code' }

const INSERT = `INSERT INTO cards (customer_id, brand, holder, pan, cvv, expiry_month, expiry_year)
VALUES ($1, 'visa', $2, $3, $4, 12, 2030)`
const VALUES = ['7', 'GRACE HOPPER', CANARY_PAN.text, CANARY_CVV.text]

export const prepared: Scene = {
  title: 'A prepared statement is countersigned with its values',
  async play(world, tell) {
    const { bob } = world
    const api = await bob.api()
    const code = await bob.code()
    const psql = await world.psql()
    tell.act('a driver', `sends Parse, Bind, Describe, Execute, Sync: ${INSERT.replace('\n', ' ')}`)
    psql.send(
      { name: 'parse', statement: '', text: INSERT, parameterTypes: [] },
      {
        name: 'bind',
        portal: '',
        statement: '',
        parameterFormats: [],
        parameters: VALUES.map((value) => Buffer.from(value)),
        resultFormats: [],
      },
      { name: 'describe', subject: 'portal', subjectName: '' },
      { name: 'execute', portal: '', maxRows: 0 },
      { name: 'sync' },
    )
    const { approval } = await held(psql, 'card-write')
    const { digest } = await api.approval(approval)
    tell.act('bob', `countersign approve ${approval}`)
    const said = await bob.command(approve, [approval, '--digest', digest, '--code', code])
    claim(said.includes('GRACE HOPPER'), 'the bound values before the decision', said)
    claim(!said.includes(CANARY_PAN.text), 'the card number cut down', said)
    const parameters = said.split('\n').filter((line) => line.includes('$') && !line.includes('VALUES'))
    tell.show(...parameters.map((line) => line.trim()))
    const { tags } = clean(await psql.answer())
    claim(tags[0] === 'INSERT 0 1', 'INSERT 0 1', tags)
    tell.show(tags[0])
    const { columns, rows } = clean(
      await psql.query("SELECT holder, pan, cvv FROM cards WHERE holder = 'GRACE HOPPER'"),
    )
    tell.show(...table(columns, rows))
    tell.good('bob saw every bound value, card numbers cut down, and what he saw is what ran')
  },
}
