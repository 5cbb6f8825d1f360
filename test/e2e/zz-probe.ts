import { attackStage, approve } from '../support/attack-stage.ts'
import { bind, unnamed } from '../support/raw-client.ts'
const s = await attackStage()
const bob = await s.person('bob',['approver'])
const c = await s.enter('mallory','root')
const parse = (statement: string, text: string) => ({ name: 'parse', statement, text, parameterTypes: [] }) as const
const ex = { name:'execute', portal:'', maxRows:0} as const
const SYNC={name:'sync'} as const
const show = (r:any)=>console.log(r.end, r.errors, r.tags, r.rows, r.said, r.status)
c.send(parse('s2','select pan from cards where id=1'), SYNC); show(await c.reply())
show(await c.query('CREATE TEMP TABLE t AS EXECUTE s2')); show(await c.withdraw())
show(await c.query('EXPLAIN EXECUTE s2'));
c.send(parse('victim', "DELETE FROM refunds WHERE true AND reason = 'nobody'"), SYNC)
show(await c.reply())
c.send(bind({statement:'victim'}), ex, SYNC)
show(await c.reply())
    c.send({name:'close',subject:'statement',subjectName: 'victim'}, parse('victim', 'DELETE FROM payments'), bind({ statement: 'victim' }), ex, SYNC)
    c.send({ name: 'query', text: 'SELECT 42' })
await approve(s,bob)
show(await c.reply())
show(await c.reply())
c.close()
await s.stop()
