import path from 'node:path'
import type { Lan } from './lan.ts'
import type { Stage } from './stage.ts'

/** How a person calls our commands from where they started the demo: in a checkout the machine's own Node may be too old for it. */
export function callName(env: Readonly<Record<string, string | undefined>>): string {
  if (env['npm_lifecycle_event'] === 'demo') return 'npm run -s countersign --'
  return env['npm_command'] === 'exec' ? 'npx countersign' : 'countersign'
}

/** What a program needs to know of a running demo. */
export function facts(stage: Stage, lan?: Lan): object {
  const { app, config, folder, people } = stage
  const cast = people.map(({ name, roles, password }) => ({ name, roles, password }))
  const open = lan === undefined ? {} : { certificate: lan.tls.cert, fingerprint: lan.fingerprint }
  return { psql: dsnOf(stage, lan), api: config.publicUrl, ports: app.ports, folder, people: cast, ...open }
}

function dsnOf({ app, credential }: Stage, lan: Lan | undefined): string {
  const [host, more] = lan === undefined ? ['127.0.0.1', ''] : [lan.address, '?sslmode=require']
  return `postgresql://alice%40cards:${credential.reveal()}@${host}:${app.ports.postgres}/cards${more}`
}

/** What a newcomer reads first. Every line of it can be pasted. */
export function welcome(stage: Stage, plain: string, lan?: Lan): string {
  const { people, config, configFile } = stage
  const shown = (file: string): string => quoted(path.relative(process.cwd(), file))
  const recordings = shown(path.join(config.data, 'recordings'))
  const data = shown(stage.folder)
  // Our own commands believe the demo's certificate, and nothing else does.
  const call = lan === undefined ? plain : `NODE_EXTRA_CA_CERTS=${shown(lan.tls.cert)} ${plain}`
  const cast = people.map(
    ({ name, roles, password }) =>
      `  ${name.padEnd(6)} ${roles.join(', ').padEnd(9)} password ${password}   one-time code: ${plain} demo code ${name} --data ${data}`,
  )
  return `
Countersign is running before a Postgres with 3,000 test cards.

${lan === undefined ? '' : network(stage, lan)}Connect as alice (paste it into another terminal):
  psql "${dsnOf(stage, lan)}"

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
  ${plain} replay ID --recordings ${recordings}
  ${plain} verify ${recordings}

Ask what a statement would meet:
  ${plain} explain --config ${shown(configFile)} --target cards "DELETE FROM payments"

Ctrl-C ends it.
`
}

/** What somebody with a phone in hand reads. */
function network({ config }: Stage, { address, others, fingerprint }: Lan): string {
  const more = others.map(
    (other) =>
      `  ${other} is another address of this machine: end this and add --address ${other}, should a phone reach only that\n`,
  )
  return `Everybody on this network can reach it. Open on a phone in the same network:
  ${config.publicUrl}
${more.join('')}The certificate is the demo's own, for ${address} and the names of this machine: a browser warns of it. Go on only if it shows this SHA-256 fingerprint:
  ${fingerprint.slice(0, 47)}
  ${fingerprint.slice(48)}
Passkeys need a host name that the browser trusts: on a phone use the one-time codes below.

`
}

/** A path as a shell takes it. */
const quoted = (file: string): string => (/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`)
