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
  title: 'Dora, another approver, countersigns a prepared statement and what it is bound to',
  async play(world, tell) {
    const { dora } = world
    const api = await dora.api()
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
    tell.act('dora', `countersign approve ${approval}`)
    const said = await dora.command(approve, [approval, '--digest', digest, '--code', await dora.code()])
    const leaked = [CANARY_PAN, CANARY_CVV].filter(({ text }) => said.includes(text))
    claim(leaked.length === 0, 'neither number nor code before anybody', leaked)
    const parameters = said.split('\n').filter((line) => /^\s*\$\d = /.test(line))
    claim(parameters.length === VALUES.length, 'every bound value, or a token for it', said)
    tell.show(...parameters.map((line) => line.trim()))
    const { tags } = clean(await psql.answer())
    claim(tags[0] === 'INSERT 0 1', 'INSERT 0 1', tags)
    tell.show(tags[0])
    const { columns, rows } = clean(
      await psql.query("SELECT holder, pan, cvv FROM cards WHERE holder = 'GRACE HOPPER'"),
    )
    tell.show(...table(columns, rows))
    tell.good('the countersignature covers the values, and not even she saw those that may hold card data')
  },
}
