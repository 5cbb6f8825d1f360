import { acts, each, lists, prints, tells, type Programs } from './row.ts'

/** Builtins of bash and programs as simple as they are. Those that change the line around them have analyses of their own. */
export const BUILTINS: Programs = {
  ...each('echo true false : sleep seq yes expr factor numfmt times', prints()),
  printf: { effects: ['output'], inert: true },
  ...each('test [', lists({ effects: ['output'], operands: ['text'] })),
  pwd: prints(),
  cd: { effects: ['output'] },
  ...each('pushd popd', { effects: ['output'] }),
  dirs: prints(),
  ...each('exit logout return break continue shift wait fg bg', prints()),
  jobs: { effects: ['output'] },
  suspend: acts(['process']),
  ...each('read mapfile readarray getopts let local unset', { effects: ['output'] }),
  ...each('export declare typeset readonly', { effects: ['output'] }),
  ...each('alias unalias enable bind complete compgen compopt set shopt hash umask ulimit caller', {
    effects: ['environment'],
  }),
  ...each('source .', acts(['code'], { operands: ['code'] })),
  eval: { wraps: { joins: true, alone: ['output'] } },
  exec: { takes: '-a', flags: '-c -l', wraps: { alone: ['output'] } },
  command: { flags: '-p -v -V', wraps: { alone: ['output'] } },
  builtin: { wraps: { alone: ['output'] } },
  coproc: acts(['code']),
  trap: { effects: ['environment'] },
  history: { effects: ['log-read'], options: { '-c -d -a -n -r -w -p -s': { adds: ['audit'] } } },
  fc: acts(['code', 'shell']),
  type: tells(),
  help: prints(),
  tty: tells(),
}
