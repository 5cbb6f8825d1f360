import { each, type Programs } from './row.ts'

/** Programs that run the program named behind them. */
export const WRAPPERS: Programs = {
  sudo: {
    flags:
      '-A -B -H -k -K -l -n -N -P -S -v -V --list --non-interactive --set-home --stdin --validate --reset-timestamp --remove-timestamp --preserve-groups --bell --version --help',
    takes:
      '-C -D -g -h -p -R -r -t -T --close-from --chdir --group --host --prompt --chroot --role --type --command-timeout',
    options: {
      '-u --user': { value: 'text' },
      '-U --other-user': { value: 'text' },
      '-s --shell -i --login': { adds: ['shell'] },
      '-e --edit': { adds: ['shell', 'file-write'] },
      '-b --background': { adds: ['detached'] },
      '-E --preserve-env': { value: 'text', glued: true, adds: ['environment'] },
      '-A --askpass': { adds: ['code'] },
      '-h --host': { value: 'text', adds: ['remote'] },
    },
    wraps: { assigns: true, adds: ['privilege'], account: '-u --user', otherwise: 'root', alone: ['privilege'] },
  },
  doas: {
    flags: '-n -L',
    takes: '-C -a',
    options: { '-u': { value: 'text' }, '-s': { adds: ['shell'] } },
    wraps: { adds: ['privilege'], account: '-u', otherwise: 'root', alone: ['privilege', 'shell'] },
  },
  // The command of su stands behind -c; runuser knows both forms. See wrapped.ts.
  su: {
    effects: ['privilege'],
    takes: '-s -g -G -w --shell --group --supp-group --whitelist-environment',
    options: { '-c --command --session-command': { value: 'line' } },
  },
  runuser: {
    flags: '-l -m -p -f -P --login --pty',
    takes: '-s -g -G -w',
    options: { '-u --user': { value: 'text' }, '-c --command': { value: 'line' } },
    wraps: { adds: ['privilege'], account: '-u --user', otherwise: 'root', alone: ['privilege', 'shell'] },
  },
  env: {
    flags: '-0 --null -v --debug -',
    takes: '-C --chdir',
    options: { '-u --unset': { value: 'text' }, '-S --split-string': { value: 'line' }, '-i --ignore-environment': {} },
    wraps: { assigns: true, alone: ['system-read'] },
  },
  nice: { takes: '-n --adjustment', wraps: { alone: ['output'] } },
  ionice: {
    flags: '-t --ignore',
    takes: '-c -n -P -u --class --classdata',
    options: { '-p --pid': { value: 'text', adds: ['process'] } },
    wraps: { alone: ['system-read'] },
  },
  chrt: {
    flags: '-a -b -d -f -i -o -r -R -m -v --batch --deadline --fifo --idle --other --rr --reset-on-fork --all-tasks',
    takes: '-T -P -D',
    options: { '-p --pid': { adds: ['process'] } },
    wraps: { skips: 1, alone: ['system-read'], adds: ['process'] },
  },
  taskset: {
    flags: '-a --all-tasks',
    options: { '-p --pid': { adds: ['process'] }, '-c --cpu-list': {} },
    wraps: { skips: 1, alone: ['system-read'] },
  },
  numactl: {
    flags: '-a -l -s -H -b --show --hardware --localalloc --all',
    takes: '-i -N -C -m -p --interleave --cpunodebind --physcpubind --membind --preferred',
    wraps: { alone: ['system-read'] },
  },
  timeout: {
    flags: '-v --verbose --foreground --preserve-status -f -p',
    takes: '-k -s --kill-after --signal',
    wraps: { skips: 1, alone: ['output'] },
  },
  time: {
    flags: '-a -p -v -q --append --portability --verbose --quiet',
    takes: '-f --format',
    options: { '-o --output': { value: 'write' } },
    wraps: { alone: ['output'] },
  },
  stdbuf: { takes: '-i -o -e --input --output --error', wraps: { alone: ['output'] } },
  nohup: { wraps: { adds: ['detached'], alone: ['output'] } },
  setsid: { flags: '-c -f -w --ctty --fork --wait', wraps: { adds: ['detached'], alone: ['output'] } },
  disown: { effects: ['detached'] },
  watch: {
    takes: '-n --interval -q --equexit',
    flags:
      '-d -t -b -e -g -c -C -p -w -x -r -f --differences --no-title --beep --errexit --chgexit --color --precise --no-wrap --exec',
    wraps: { joins: true, alone: ['output'] },
  },
  xargs: {
    takes: '-d -E -I -L -n -P -s --delimiter --max-args --max-procs --max-chars',
    flags: '-0 -r -t -x -o --null --no-run-if-empty --verbose --exit --open-tty --show-limits',
    options: {
      '-a --arg-file': { value: 'read' },
      '-i -l -e --eof --replace --max-lines': { value: 'text', glued: true },
      '-p --interactive': {},
      // Any variable, PATH too.
      '--process-slot-var': { value: 'text', adds: ['environment'] },
    },
    wraps: { alone: ['output'] },
  },
  parallel: { effects: ['code'], wraps: { joins: true, adds: ['code'], alone: ['code'] } },
  flock: {
    flags: '-n -x -e -s -u -o -F --nonblock --nb --exclusive --shared --unlock --close --verbose --no-fork',
    takes: '-w -E --timeout --conflict-exit-code',
    operands: ['write'],
    options: { '-c --command': { value: 'line' } },
    wraps: { skips: 1, alone: ['output'] },
  },
  chroot: {
    flags: '--skip-chdir',
    options: { '--userspec --groups': { value: 'text' } },
    wraps: { skips: 1, adds: ['privilege'], alone: ['privilege', 'shell'] },
  },
  ...each('unshare nsenter setpriv capsh runcon newrole', {
    options: {
      '-t --target -S -G --setuid --setgid --reuid --regid --init-groups --selinux-label': { value: 'text' },
      '-- --shell': {},
    },
    wraps: { adds: ['privilege'], alone: ['privilege', 'shell'] },
  }),
  setarch: {
    flags: '-R -v -3 -B -F -I -L -S -T -X -Z --addr-no-randomize --32bit --verbose',
    wraps: { skips: 1, alone: ['shell'] },
  },
  ...each('linux32 linux64', { flags: '-R -v --addr-no-randomize', wraps: { alone: ['shell'] } }),
  script: {
    effects: ['file-write'],
    operands: ['write'],
    options: { '-c --command': { value: 'line' }, '-O -I -B --log-out --log-in --log-io': { value: 'write' } },
    takes: '-E -m -o',
  },
  scriptreplay: { effects: ['file-read'], operands: ['read'] },
  ...each(
    'unbuffer chronic ts ifne  cpulimit faketime fakeroot torify eatmydata softlimit envdir setuidgid chpst catchsegv dbus-run-session systemd-inhibit systemd-cat',
    { wraps: { alone: ['output'], adds: ['code'] } },
  ),
  ...each('xvfb-run startx xinit rlwrap entr inotifyd', { effects: ['code', 'shell'] }),
  ...each('valgrind heaptrack', { effects: ['process'], wraps: { adds: ['process', 'code'], alone: ['output'] } }),
}
