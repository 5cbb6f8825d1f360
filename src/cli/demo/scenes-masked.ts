import { findPans } from '../../mask/pan.ts'
import { clean, refusedWith } from './holding.ts'
import type { Scene } from './scene.ts'
import { claim, table } from './teller.ts'
import type { Answer } from './wire-client.ts'

/** What needs nobody's countersignature: reading, masked, and what is refused at once. */
export const masked: Scene = {
  title: 'Reading answers at once, and card data stays behind',
  async play(world, tell) {
    const psql = await world.psql()
    const text = 'SELECT id, holder, pan, cvv FROM cards ORDER BY id LIMIT 3'
    tell.act('alice=>', text)
    const { columns, rows } = clean(await psql.query(text))
    tell.show(...table(columns, rows))
    claim(rows.length === 3, 'three rows', rows)
    for (const [, , pan = null, cvv = null] of rows) {
      claim(/^\d{6}\*+\d{4}$/.test(pan ?? ''), 'card numbers as BIN and last four', pan)
      claim(cvv === null || /^\**$/.test(cvv), 'no security code', cvv)
    }
    claim(findPans(psql.received.toString('latin1')).length === 0, 'no whole card number among the bytes that came')
    tell.good(
      `BIN and last four, security codes hidden, no whole number in the ${psql.received.length} bytes that came`,
    )
  },
}

export const unmaskable: Scene = {
  title: 'An export that no mask can follow is refused',
  async play(world, tell) {
    const psql = await world.psql()
    const text = 'COPY (SELECT pan FROM cards) TO STDOUT'
    tell.act('alice=>', text)
    const answer = await psql.query(text)
    tell.show(...refusedWith(answer, '42501'))
    claim(answer.copied === '', 'not one row', answer.copied)
    tell.good('SQLSTATE 42501 and not one row')
  },
}

export const insideTransaction: Scene = {
  title: 'A refusal leaves an open transaction as it was',
  async play(world, tell) {
    const psql = await world.psql()
    const run = async (text: string): Promise<Answer> => {
      tell.act('alice=*>', text)
      return psql.query(text)
    }
    tell.act('alice=>', 'BEGIN')
    clean(await psql.query('BEGIN'))
    clean(
      await run(
        "INSERT INTO customers (full_name, email, city, country) VALUES ('Ada', 'ada@shop.example', 'Graz', 'AT')",
      ),
    )
    const refused = await run('COPY (SELECT pan, cvv FROM cards) TO STDOUT')
    tell.show(refusedWith(refused, '42501')[0] ?? '')
    claim(refused.status === 'transaction', 'the transaction still open', refused.status)
    const { rows } = clean(await run("SELECT full_name FROM customers WHERE email = 'ada@shop.example'"))
    claim(rows[0]?.[0] === 'Ada', 'the row inserted before', rows)
    const end = clean(await run('ROLLBACK'))
    claim(end.status === 'idle', 'no transaction afterwards', end.status)
    tell.good('the statement was refused, the work before it was not lost, and ROLLBACK ended it')
  },
}
