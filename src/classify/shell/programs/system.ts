import { acts, each, prints, tells, type Programs } from './row.ts'

/** Tools of systemd ask other hosts over ssh. */
const ELSEWHERE = { '-H --host -M --machine': { value: 'text', adds: ['remote'] } } as const

/** The host itself: what it says of itself, its processes, services, disks, kernel and clock. */
export const SYSTEM: Programs = {
  ...each(
    'ps pgrep pidof pstree',
    tells({ takes: '-o -p -u -U -C -G -g -t -q --sort --pid --ppid --user --format -s -d -P' }),
  ),
  ...each(
    'uptime free vmstat iostat mpstat nproc arch uname lscpu lsmem lspci lsusb lsblk lsipc lsns lsmod lslogins lsb_release',
    tells(),
  ),
  ...each('who w users whoami id groups tty logname hostid last lastb getconf locale', tells()),
  lastlog: tells({ takes: '-b -t -u', options: { '-C --clear -S --set': { adds: ['audit'] } } }),
  ...each('df findmnt slabtop nfsstat numastat', tells({ takes: '-t -x -B -o --output --type' })),
  sensors: tells({ takes: '-c', options: { '-s --set': { adds: ['kernel'] } } }),
  // Behind -e stands a program to watch.
  pidstat: tells({ takes: '-C -G -p -T -U', options: { '-e': { value: 'code', adds: ['code'] } } }),
  cpupower: { effects: ['kernel'], verbs: { 'frequency-info, idle-info, powercap-info, info, monitor': tells() } },
  printenv: tells(),
  sar: tells({ takes: '-P -d -s -e -i', options: { '-o': { value: 'write' }, '-f': { value: 'read' } } }),
  dstat: tells({ takes: '-C -D -N -I -S', options: { '--output': { value: 'write' } } }),
  ...each('man', {
    effects: ['output'],
    takes: '-s -S -M -L -m -e --sections --manpath --locale',
    options: {
      '-P --pager -H --html': { value: 'code', adds: ['code'] },
      '-T --troff-device -Z -X --gxditview': { value: 'text', glued: true, adds: ['code'] },
      '-C --config-file': { value: 'code' },
      '-l --local-file': { adds: ['file-read'] },
      '-p --preprocessor': { value: 'code' },
    },
    pager: 'less',
  }),
  ...each('apropos whatis which whereis type', tells()),
  info: acts(['shell', 'output']),
  hostname: tells({ given: ['kernel'], options: { '-F --file -b --boot': { adds: ['kernel'] } } }),
  date: tells({
    takes: '-d --date',
    options: {
      '-s --set': { value: 'text', adds: ['kernel'] },
      '-f --file': { value: 'read' },
      '-r --reference': { value: 'list' },
    },
  }),
  cal: prints(),
  hwclock: acts(['kernel']),
  timedatectl: tells({
    flags: '--no-pager --no-legend -l -a --all --full -q',
    verbs: { 'status, show, list-timezones, timesync-status': tells() },
    options: ELSEWHERE,
    effects: ['kernel'],
    pager: 'systemd',
  }),
  hostnamectl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['kernel'],
    options: ELSEWHERE,
    verbs: { 'status, ': tells() },
  },
  localectl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['kernel'],
    options: ELSEWHERE,
    verbs: { 'status, list-locales, list-keymaps': tells() },
  },
  dmesg: {
    effects: ['log-read'],
    takes: '-l -f --level --facility --since --until',
    options: {
      '-C -c --clear --read-clear': { adds: ['audit'] },
      '-n --console-level -D -E --console-off --console-on': { adds: ['audit'] },
    },
  },
  journalctl: {
    effects: ['log-read'],
    pager: 'systemd',
    takes:
      '-u -o -p -t -S -U -g -c --unit --user-unit --output --priority --identifier --since --until --grep --cursor --facility --output-fields',
    options: {
      '--rotate --flush --sync --relinquish-var --smart-relinquish-var --setup-keys --update-catalog': {
        adds: ['audit'],
      },
      '--vacuum-size --vacuum-time --vacuum-files': { value: 'text', adds: ['audit'] },
      '-D --directory --file --root --image': { value: 'read' },
      '--cursor-file': { value: 'write' },
      '-M --machine': { value: 'text', adds: ['remote'] },
    },
  },
  systemctl: {
    effects: ['service'],
    flags:
      '-l --full -a --all -q --quiet --no-pager --no-legend --plain --user --system --failed --no-ask-password -r --recursive --reverse --after --before --show-types --value --now --no-block --wait --runtime --dry-run',
    pager: 'systemd',
    takes: '-t -p -n -o -P --type --state --property --lines --output --signal --kill-whom --what --job-mode',
    options: {
      '-H --host -M --machine': { value: 'text', adds: ['remote'] },
      '--root --image': { value: 'read' },
      '-f --force': {},
    },
    verbs: {
      'status, show, list-units, list-unit-files, list-timers, list-sockets, list-jobs, list-dependencies, list-machines, list-automounts, list-paths':
        tells(),
      'is-active, is-enabled, is-failed, is-system-running, get-default, cat, help, show-environment, --version':
        tells(),
      edit: acts(['service', 'shell']),
      'set-environment, import-environment, unset-environment': acts(['service', 'environment']),
    },
  },
  loginctl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['service', 'process'],
    options: ELSEWHERE,
    pager: 'systemd',
    verbs: {
      'list-sessions, session-status, show-session, list-users, user-status, show-user, list-seats, seat-status, show-seat':
        tells(),
    },
  },
  ...each('systemd-analyze', {
    flags: '--no-pager --user --system',
    effects: ['service'],
    options: { ...ELSEWHERE, '--generators': { value: 'text', glued: true, adds: ['code'] } },
    pager: 'systemd',
    verbs: {
      'time, blame, critical-chain, security, calendar, timespan, timestamp, verify, unit-paths, cat-config, dump':
        tells(),
    },
  }),
  ...each(
    'systemd-cgls systemd-cgtop systemd-detect-virt systemd-path',
    tells({ options: ELSEWHERE, pager: 'systemd' }),
  ),
  busctl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['service'],
    // An address may name a program to talk to.
    options: { ...ELSEWHERE, '--address': { value: 'code', adds: ['code'] } },
    pager: 'systemd',
    verbs: { 'list, status, tree, introspect, monitor, capture': tells() },
  },
  coredumpctl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['process', 'file-read'],
    pager: 'systemd',
    verbs: { 'list, ': tells(), 'debug, gdb': acts(['shell', 'code']) },
    options: { '-o --output': { value: 'write' }, '--debugger': { value: 'code' } },
  },
  machinectl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['service', 'remote'],
    options: ELSEWHERE,
    pager: 'systemd',
    verbs: { 'list, status, list-images, show': tells(), 'shell, login': acts(['shell', 'remote', 'privilege']) },
  },
  networkctl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['network', 'service'],
    pager: 'systemd',
    verbs: { 'list, status, lldp': tells() },
  },
  resolvectl: {
    flags: '--no-pager --no-legend -l -a --all --full -q',
    effects: ['network'],
    verbs: { 'status, statistics, ': tells() },
  },
  ...each('service invoke-rc.d rc-service', { effects: ['service'], options: { '--status-all': {} } }),
  ...each(
    'update-rc.d chkconfig rc-update initctl start stop restart reload supervisorctl monit runit sv svc s6-svc',
    acts(['service']),
  ),
  ...each('reboot shutdown halt poweroff init telinit kexec runlevel', acts(['service', 'kernel'])),
  ...each('kill killall pkill skill xkill renice', acts(['process'])),
  killall5: acts(['process', 'service']),
  // Both can signal, and read a file of keystrokes at the start; neither opens a shell.
  top: tells({ takes: '-d -n -p -u -U -o -w -H -s', options: {} }),
  htop: acts(['system-read'], { takes: '-d -p -u -s -F', options: {} }),
  ...each('atop iotop iftop nethogs glances btop', acts(['system-read', 'shell'])),
  ...each('strace ltrace', {
    effects: ['process'],
    takes: '-e -s -S -a -P -u -E -I -O -X --trace --string-limit',
    options: { '-p --attach': { value: 'text', adds: ['process'] }, '-o --output': { value: 'write' } },
    wraps: { alone: ['process'], adds: ['process'] },
  }),
  ...each('perf bpftrace bcc systemtap stap trace-cmd ftrace', acts(['process', 'code', 'kernel'])),
  ...each('gdb gdbserver lldb', acts(['process', 'code', 'shell'])),
  ...each('gcore pmap pstack', acts(['process', 'file-write'])),

  ...each('mount umount swapon swapoff losetup fstrim cryptsetup veracrypt', acts(['disk'])),
  ...each(
    'fdisk sfdisk cfdisk gdisk sgdisk parted partprobe wipefs blkdiscard hdparm sdparm nvme smartctl blockdev',
    acts(['disk']),
  ),
  ...each(
    'mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkswap fsck e2fsck xfs_repair tune2fs resize2fs xfs_growfs debugfs dumpe2fs badblocks',
    acts(['disk']),
  ),
  ...each(
    'pvcreate vgcreate lvcreate lvremove vgremove pvremove lvextend vgextend lvreduce lvresize vgchange lvchange dmsetup mdadm zpool zfs btrfs',
    acts(['disk']),
  ),
  ...each(
    'pvs vgs lvs pvdisplay vgdisplay lvdisplay blkid',
    tells({ options: { '--config --profile --commandprofile --metadataprofile': { value: 'code', adds: ['code'] } } }),
  ),
  ...each('quota repquota', tells()),
  ...each('setquota edquota quotaon quotaoff', acts(['disk'])),

  ...each('modprobe insmod rmmod depmod dkms kmod', acts(['kernel'])),
  modinfo: tells(),
  sysctl: {
    effects: ['system-read'],
    operands: ['text'],
    options: { '-w --write -p -f --load --system': { adds: ['kernel'] } },
    takes: '-r --pattern',
  },
  ...each(
    'grub-install grub-mkconfig update-grub update-initramfs mkinitramfs dracut efibootmgr bootctl grub-set-default grub-reboot',
    acts(['kernel', 'disk']),
  ),
  ...each(
    'setenforce semanage setsebool aa-disable aa-enforce aa-complain apparmor_parser aa-teardown',
    acts(['audit', 'kernel']),
  ),
  ...each('getenforce sestatus aa-status apparmor_status', tells()),
  ...each('auditctl auditd augenrules', acts(['audit'])),
  ...each('ausearch aureport', acts(['log-read'], { options: { '--checkpoint': { value: 'write' } } })),
  ...each('rsyslogd syslogd syslog-ng journald rsyslog', acts(['audit', 'service'])),
  ...each('accton', acts(['audit'])),
  ...each('prlimit', acts(['process'])),
  ...each('cgset cgcreate cgdelete cgclassify', acts(['process'])),
  stty: acts(['environment'], { options: { '-a --all -g --save': {} } }),
  ...each('reset clear tput tset', prints()),
  ...each('write wall mesg talk', acts(['network'])),
  ...each('ipcs lslocks', tells()),
  ...each('ipcrm ipcmk', acts(['process'])),
  ...each('sysdig falco', acts(['process', 'code'])),
  ...each('needrestart', acts(['service'])),
}
