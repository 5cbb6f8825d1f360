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

${lan === undefined ? '' : network(stage, lan)}Connect as alice, who has access for eight hours (paste it into another terminal):
  psql "${dsnOf(stage, lan)}"

Console: ${config.publicUrl}
API:     ${config.publicUrl}/api/v1/openapi.json

People. Each one-time code works once: ask for a new one each time.
${cast.join('\n')}

Try in psql:
  SELECT id, holder, pan, cvv FROM cards LIMIT 3;      answers at once, masked
  DELETE FROM payments;                                waits in your psql: open its link as bob, read it, approve or deny
  DROP TABLE payments;                                 waits as well; Ctrl-C withdraws it
  UPDATE refunds SET amount = 1 WHERE id = 1;          expires after three seconds
  COPY (SELECT pan FROM cards) TO STDOUT;              is refused

${onHost(stage)}Countersign as bob without a browser, and psql prints DELETE 5000:
  ${call} login ${config.publicUrl} --person bob --profile bob
  ${call} approvals --profile bob
  ${call} approve ID --profile bob

Take access away and give it again:
  as dan, in the console: Access, grants, Revoke beside alice's       her psql is closed within two seconds, whatever it runs
  as alice, here:
    ${call} login ${config.publicUrl} --person alice --profile alice
    ${call} request cards --for 1h --reason 'a stuck payment' --profile alice
  as bob, in the console: open the link that this prints, approve     a rule asks a person for card data, each time
  as alice again: a fresh password, and psql with it
    ${call} connect cards --profile alice

See what was recorded as carol, the auditor:
  in the console: Sessions, Replay      what ran, who countersigned it, what came back; search, speed, a link to a moment
  in the console: Evidence              who could reach what, who touched a table, who decided; as a page, CSV or HTML that opens offline
  ${call} login ${config.publicUrl} --person carol --profile carol
  ${call} sessions --profile carol
  ${plain} replay ID --recordings ${recordings}
  ${plain} verify ${recordings}

Ask what a statement would meet (or as dan in the console: Policies, Try a statement):
  ${plain} explain --config ${shown(configFile)} --target cards "DELETE FROM payments"

Ctrl-C ends it.
`
}

/** The same over SSH, where this machine has a server for it. */
function onHost({ web, app }: Stage): string {
  if (!('credential' in web)) return `There is no host to try SSH with: ${web.missing}.\n\n`
  return `A real host, as alice (her password there is ${web.credential.reveal()}):
  ssh -p ${app.ports.ssh ?? 0} alice@web-1@127.0.0.1
  cat ${web.site}/export.csv       card numbers cut down on the way out
  systemctl restart nginx          waits; Ctrl-C withdraws it, bob can countersign it
  scp -P ${app.ports.ssh ?? 0} alice@web-1@127.0.0.1:${web.site}/export.csv .    waits as well, in the other terminal

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
