import path from 'node:path'
import type { Stage } from './stage.ts'

/** How a person calls our commands from where they started the demo: in a checkout the machine's own Node may be too old for it. */
export function callName(env: Readonly<Record<string, string | undefined>>): string {
  if (env['npm_lifecycle_event'] === 'demo') return 'npm run -s countersign --'
  return env['npm_command'] === 'exec' ? 'npx countersign' : 'countersign'
}

/** What a program needs to know of a running demo. */
export function facts(stage: Stage): object {
  const { app, config, folder, people } = stage
  const cast = people.map(({ name, roles, password }) => ({ name, roles, password }))
  return { psql: dsnOf(stage), api: config.publicUrl, ports: app.ports, folder, people: cast }
}

const dsnOf = ({ app, credential }: Stage): string =>
  `postgresql://alice%40cards:${credential.reveal()}@127.0.0.1:${app.ports.postgres}/cards`

/** What a newcomer reads first. Every line of it can be pasted. */
export function welcome(stage: Stage, call: string): string {
  const { people, config, configFile } = stage
  const shown = (file: string): string => quoted(path.relative(process.cwd(), file))
  const recordings = shown(path.join(config.data, 'recordings'))
  const data = shown(stage.folder)
  const cast = people.map(
    ({ name, roles, password }) =>
      `  ${name.padEnd(6)} ${roles.join(', ').padEnd(9)} password ${password}   one-time code: ${call} demo code ${name} --data ${data}`,
  )
  return `
Countersign is running before a Postgres with 3,000 test cards.

Connect as alice (paste it into another terminal):
  psql "${dsnOf(stage)}"

API and approval pages: ${config.publicUrl}

People. Each one-time code works once: ask for a new one each time.
${cast.join('\n')}

Try in psql:
  SELECT id, holder, pan, cvv FROM cards LIMIT 3;      answers at once, masked
  DELETE FROM payments;                                waits in your psql: open its link as bob, or see below
  DROP TABLE payments;                                 waits as well; Ctrl-C withdraws it
  UPDATE refunds SET amount = 1 WHERE id = 1;          expires after three seconds
  COPY (SELECT pan FROM cards) TO STDOUT;              is refused

Countersign as bob, and psql prints DELETE 5000:
  ${call} login ${config.publicUrl} --person bob --profile bob
  ${call} approvals --profile bob
  ${call} approve ID --profile bob

See what was recorded as carol, the auditor:
  ${call} login ${config.publicUrl} --person carol --profile carol
  ${call} sessions --profile carol
  ${call} replay ID --recordings ${recordings}
  ${call} verify ${recordings}

Ask what a statement would meet:
  ${call} explain --config ${shown(configFile)} --target cards "DELETE FROM payments"

Ctrl-C ends it.
`
}

/** A path as a shell takes it. */
const quoted = (file: string): string => (/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`)
