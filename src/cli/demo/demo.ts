import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { COMMON, parsed, RefusedError, running } from '../command.ts'
import type { ExitCode, Io } from '../io.ts'
import { signalled } from '../serve.ts'
import { demoCode } from './people.ts'
import { setStage, type Stage } from './stage.ts'

const USAGE = 'demo [--script] [--data demo-data] | demo code PERSON [--data demo-data]'
const OPTIONS = { ...COMMON, script: { type: 'boolean' }, data: { type: 'string' } } as const
const DEFAULT_FOLDER = 'demo-data'
const PORTS = { postgres: 6432, http: 8080 }

/** A whole Countersign with a real Postgres full of test cards, on loopback. `code` tells the one-time code of one of its people. */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 0, most: 2 } })
    const folder = path.resolve(values.data ?? DEFAULT_FOLDER)
    if (positionals[0] === 'code') return tellCode(folder, positionals[1] ?? '', io)
    // Each run begins anew: the people, keys and recordings of the last one go with it.
    if (existsSync(path.join(folder, 'people.json'))) rmSync(folder, { recursive: true, force: true })
    io.err('Starting a Postgres full of test cards and Countersign before it ...\n')
    const stage = await setStage({ folder, ports: PORTS })
    io.out(welcome(stage))
    const end = await Promise.race([signalled(stage.app), stage.fatal])
    io.err('\nStopping ...\n')
    await stage.stop()
    return end === 'signal' ? 0 : 1
  })
}

function tellCode(folder: string, person: string, io: Io): ExitCode {
  const file = path.join(folder, 'people.json')
  if (!existsSync(file)) throw new RefusedError(`no demo has run in ${folder}`)
  const code = demoCode(file, person, Date.now())
  if (code === undefined) throw new RefusedError(`the demo has no person of that name`)
  io.out(`${code}\n`)
  return 0
}

function welcome({ app, credential, people, config, folder, configFile }: Stage): string {
  const { postgres, http } = app.ports
  const relative = path.relative(process.cwd(), folder)
  const person = people.map(
    ({ name, roles, password }) =>
      `  ${name.padEnd(6)} ${roles.join(', ').padEnd(9)} password ${password.padEnd(24)} code: npx countersign demo code ${name}`,
  )
  return `
Countersign is running before a Postgres with 3,000 test cards.

Connect as alice (paste it into another terminal):
  psql "postgresql://alice%40cards:${credential.reveal()}@127.0.0.1:${postgres}/cards"

API and approval pages: ${config.publicUrl} (port ${http})

People, each with a password and a one-time code:
${person.join('\n')}

Try in psql:
  SELECT id, holder, pan, cvv FROM cards LIMIT 3;      answers at once, masked
  DELETE FROM payments;                                waits inside your psql: open its link as bob, or
      npx countersign login ${config.publicUrl} --person bob --profile bob
      npx countersign approvals --profile bob
      npx countersign approve ID --profile bob         psql then prints DELETE 5000
  DROP TABLE payments;                                 Ctrl-C withdraws it
  UPDATE refunds SET amount = 1 WHERE id = 1;          expires after three seconds
  COPY (SELECT pan FROM cards) TO STDOUT;              refused

What was recorded:
  npx countersign login ${config.publicUrl} --person carol --profile carol && npx countersign sessions --profile carol
  npx countersign replay ID --recordings ${relative}/data/recordings
  npx countersign verify ${relative}/data/recordings
  npx countersign explain --config ${path.relative(process.cwd(), configFile)} --target cards "DELETE FROM payments"

Ctrl-C ends it.
`
}
