/** What people do, in the order in which they meet it. */
const SUBJECTS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'run a node',
    [
      ['demo', 'a real Postgres of test cards, and an sshd, behind Countersign: nothing to set up'],
      ['serve', 'start from a configuration'],
      ['check', 'read configuration and packs, run their examples, start nothing'],
      ['user', 'add, invite, change and disable people; give grants'],
    ],
  ],
  [
    'work with a target',
    [
      ['login', 'sign in from this terminal'],
      ['request', 'ask for access; answer what others ask'],
      ['requests', 'what is asked, and what became of it'],
      ['connect', 'psql or ssh with a fresh credential'],
      ['credential', 'a credential for a driver or another client'],
      ['key', 'SSH keys of yours'],
      ['submit', 'have a script approved ahead of time'],
      ['run', 'run an approved script'],
    ],
  ],
  [
    'countersign',
    [
      ['approvals', 'what waits'],
      ['approve', 'read it whole, and let it run'],
      ['deny', 'refuse it, with a reason'],
      ['scripts', 'scripts, and what became of them'],
      ['reviews', 'what was cleared in an emergency, to be signed'],
      ['stop', 'end a session, a person, a target or everything, at once'],
      ['resume', 'let in again what was stopped'],
    ],
  ],
  [
    'policy and evidence',
    [
      ['explain', 'what would become of a statement or a command line'],
      ['sessions', 'who was where'],
      ['search', 'statements by person, table, column, text'],
      ['evidence', 'reports for an assessor'],
      ['replay', 'play a session'],
      ['verify', 'whether recordings are what was written'],
      ['export', 'a session as JSON lines, asciicast or HTML'],
    ],
  ],
]

const SHOWN = SUBJECTS.map(
  ([subject, commands]) => `${subject}\n${commands.map(([one, what]) => `  ${one.padEnd(11)} ${what}\n`).join('')}`,
).join('\n')
/** Every command with what it is for, as `--help` without a command prints it. */
export const USAGE = `usage: countersign COMMAND [options]\n\n${SHOWN}\ncountersign COMMAND --help says what each takes.\n`
