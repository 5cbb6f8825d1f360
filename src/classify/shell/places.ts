import type { ActionEffect, PathUse } from '../../model/action-facts.ts'
import { overlapping } from './wild-bits.ts'
import { ANY, BELOW, isWild, ONLY_WILD, placeExpression, placePattern } from './wildcards.ts'

/** A place whose files are more than files. */
interface Place {
  readonly paths: readonly string[]
  /** Effects of reading there, on top of reading. */
  readonly read: readonly ActionEffect[]
  /** Effects of changing something there. */
  readonly change: readonly ActionEffect[]
}

const HOMES = ['~', '~*', '/root', '/home/*', '/var/lib/*', '/Users/*']
const inHomes = (...names: readonly string[]): readonly string[] =>
  HOMES.flatMap((home) => names.map((name) => `${home}/${name}`))

/** In a path of this table `*` is any run within one part and `**` any run. */
const PLACES: readonly Place[] = [
  {
    paths: ['/etc/shadow*', '/etc/gshadow*', '/etc/security/opasswd', '/var/backups/**', '/etc/master.passwd'],
    read: ['account', 'key'],
    change: ['account', 'key'],
  },
  {
    paths: ['/etc/passwd*', '/etc/group*', '/etc/login.defs', '/etc/subuid', '/etc/subgid'],
    read: [],
    change: ['account'],
  },
  {
    paths: ['/etc/sudoers', '/etc/sudoers.d/**', '/etc/doas.conf'],
    read: ['privilege'],
    change: ['privilege', 'account'],
  },
  {
    paths: ['/etc/pam.d/**', '/etc/security/**', '/etc/nsswitch.conf', '/etc/polkit-1/**', '/etc/sssd/**'],
    read: [],
    change: ['account', 'privilege'],
  },
  {
    paths: [
      '/etc/ssh/ssh_host_*',
      '/etc/ssl/private/**',
      '/etc/pki/tls/private/**',
      '/etc/letsencrypt/**',
      '**/*.key',
      '**/id_rsa*',
      '**/id_ed25519*',
      '**/id_ecdsa*',
      '**/id_dsa*',
      '**/*.pfx',
      '**/*.p12',
      '**/*.jks',
      '**/*.keystore',
      '/etc/krb5.keytab',
      '**/*.keytab',
    ],
    read: ['key'],
    change: ['key'],
  },
  { paths: ['/etc/ssh', '/etc/ssh/**'], read: [], change: ['key', 'service'] },
  { paths: ['**/.ssh', '**/.ssh/**', '**/authorized_keys*'], read: [], change: ['key'] },
  {
    paths: inHomes(
      '.ssh/id_*',
      '.gnupg/**',
      '.netrc',
      '.pgpass',
      '.my.cnf',
      '.mylogin.cnf',
      '.aws/**',
      '.azure/**',
      '.kube/**',
      '.docker/**',
      '.config/gcloud/**',
      '.git-credentials',
      '.vault-token',
      '.npmrc',
      '.pypirc',
      '.s3cfg',
    ),
    read: ['key'],
    change: ['key'],
  },
  {
    paths: ['**/.env', '**/.env.*', '**/wp-config.php', '**/credentials*', '**/secrets*', '**/.htpasswd'],
    read: ['key'],
    change: [],
  },
  // Whatever starts there runs later, in the account's name or in everybody's.
  {
    paths: [
      ...inHomes('.*', '.*/**'),
      '**/.*',
      '**/.*/**',
      '/etc/profile*',
      '/etc/profile.d/**',
      '/etc/bash*',
      '/etc/zsh/**',
      '/etc/environment',
      '/etc/skel/**',
      '/etc/inputrc',
      '/etc/vim/**',
      '/etc/gitconfig',
      '**/.git/**',
      '**/.git',
      '**/.gitconfig',
      // A folder with these two is a repository, whose configuration git obeys.
      '**/config',
      '**/HEAD',
    ],
    read: [],
    change: ['environment'],
  },
  {
    paths: [
      '/etc/ld.so*',
      '/etc/ld.so.conf.d/**',
      '/lib/**',
      '/lib64/**',
      '/usr/lib/**',
      '/usr/lib64/**',
      '/usr/local/lib/**',
    ],
    read: [],
    change: ['environment', 'package'],
  },
  { paths: ['**/bin/**', '**/sbin/**', '/usr/share/**', '/opt/**'], read: [], change: ['package'] },
  {
    paths: [
      '/etc/cron*',
      '/etc/cron*/**',
      '/var/spool/cron/**',
      '/var/spool/at/**',
      '/etc/anacrontab',
      '**/.config/systemd/**',
      '/etc/systemd/**',
      '/run/systemd/**',
      '/usr/lib/systemd/**',
      '/lib/systemd/**',
      '/etc/init.d/**',
      '/etc/rc*',
      '/etc/rc*/**',
      '/etc/inittab',
      '/etc/xdg/**',
      '/etc/update-motd.d/**',
      '/etc/logrotate.d/**',
      '/etc/apt/**',
      '/etc/udev/**',
    ],
    read: [],
    change: ['schedule', 'service'],
  },
  {
    paths: [
      '/etc/audit/**',
      '/etc/rsyslog*',
      '/etc/rsyslog.d/**',
      '/etc/syslog*',
      '/etc/logrotate*',
      '/etc/systemd/journald*',
      '/var/log/**',
      '/run/log/**',
      ...inHomes('.*_history', '.*history', '.viminfo', '.lesshst'),
    ],
    read: [],
    change: ['audit'],
  },
  { paths: ['/etc/selinux/**', '/etc/apparmor*/**'], read: [], change: ['audit', 'kernel'] },
  {
    paths: [
      '/etc/iptables/**',
      '/etc/nftables*',
      '/etc/ufw/**',
      '/etc/firewalld/**',
      '/etc/hosts.allow',
      '/etc/hosts.deny',
    ],
    read: [],
    change: ['firewall'],
  },
  {
    paths: ['/etc/hosts', '/etc/resolv.conf', '/etc/network/**', '/etc/netplan/**', '/etc/NetworkManager/**'],
    read: [],
    change: ['network'],
  },
  {
    paths: [
      '/boot',
      '/boot/**',
      '/etc/default/grub*',
      '/etc/grub.d/**',
      '/etc/modprobe.d/**',
      '/etc/modules*',
      '/etc/sysctl*',
      '/etc/sysctl.d/**',
      '/etc/fstab',
      '/proc/sys/**',
      '/proc/sysrq-trigger',
      '/sys/**',
    ],
    read: [],
    change: ['kernel'],
  },
  {
    paths: ['/dev/mem', '/dev/kmem', '/dev/port', '/proc/kcore', '/proc/kallsyms'],
    read: ['kernel'],
    change: ['kernel'],
  },
  // Another process seen through the file system, and every path by a second name.
  {
    paths: [
      '/proc/*/environ',
      '/proc/*/mem',
      '/proc/*/root/**',
      '/proc/*/cwd/**',
      '/proc/*/fd/**',
      '/proc/*/map_files/**',
      '/proc/*/task/**',
    ],
    read: ['process', 'key'],
    change: ['process'],
  },
  {
    paths: [
      '/dev/sd*',
      '/dev/hd*',
      '/dev/vd*',
      '/dev/xvd*',
      '/dev/nvme*',
      '/dev/mmcblk*',
      '/dev/md*',
      '/dev/dm-*',
      '/dev/mapper/**',
      '/dev/disk/**',
      '/dev/loop*',
      '/dev/block/**',
      '/dev/ram*',
      '/dev/sg*',
      '/dev/nbd*',
    ],
    read: ['disk'],
    change: ['disk'],
  },
  { paths: ['/dev/tcp/**', '/dev/udp/**'], read: ['network', 'shell'], change: ['network', 'shell'] },
  {
    paths: ['/dev/pts/*', '/dev/tty?*', '/dev/input/**', '/dev/uinput', '/dev/vcs*'],
    read: ['process'],
    change: ['process'],
  },
  {
    paths: ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/**', '/run/podman/**', '/run/dbus/**'],
    read: ['privilege'],
    change: ['privilege'],
  },
  // The files of a database hold what its columns hold, and no mask knows their form.
  {
    paths: [
      '/var/lib/postgresql/**',
      '/var/lib/pgsql/**',
      '/var/lib/mysql/**',
      '/var/lib/mariadb/**',
      '/var/lib/mongodb/**',
      '/var/lib/redis/**',
      '/var/lib/clickhouse/**',
      '/var/lib/cassandra/**',
      '/var/lib/elasticsearch/**',
      '**/*.ibd',
      '**/*.frm',
      '**/*.myd',
      '**/*.mdb',
    ],
    read: ['database'],
    change: ['database'],
  },
  {
    paths: [
      '/etc/postgresql/**',
      '/etc/mysql/**',
      '/etc/redis/**',
      '/etc/nginx/**',
      '/etc/apache2/**',
      '/etc/httpd/**',
      '/etc/haproxy/**',
    ],
    read: [],
    change: ['service'],
  },
]

const COMPILED = PLACES.map((place) => ({ ...place, within: compiled(place.paths) }))

/** Files that are only a way to write, or to read nothing. */
const SINKS = new Set([
  '/dev/null',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/stdin',
  '/dev/tty',
  '/dev/zero',
  '/dev/full',
  '/dev/fd/63',
  '/dev/fd/0',
  '/dev/fd/1',
  '/dev/fd/2',
])
const SOURCES = new Set([...SINKS, '/dev/urandom', '/dev/random'])

const inLogs = compiled(['/var/log', '/var/log/**', '/run/log/**', '**/*.log', '**/*.log.*', '**/log/**', '**/logs/**'])

const ORDINARY = {
  read: 'file-read',
  write: 'file-write',
  delete: 'file-delete',
  attributes: 'file-attributes',
  list: 'listing',
  run: 'code',
} as const satisfies Record<PathUse['does'], ActionEffect>

/** What doing that with such a path comes to. `pattern` may hold stand-ins. */
export function effectsOfPath(pattern: string, does: PathUse['does']): readonly ActionEffect[] {
  if (SINKS.has(pattern) && does === 'write') return ['output']
  if (does === 'read' && SOURCES.has(pattern)) return ['output']
  if (does === 'list') return ['listing']
  // Of a path that is not known at all there is nothing to say but that.
  if (pattern.startsWith(ANY)) return [ORDINARY[does]]
  const special = COMPILED.filter(({ within }) => within(pattern))
  const more = special.flatMap((place) => (does === 'read' ? place.read : place.change))
  if (does === 'read' && more.length === 0 && inLogs(pattern)) return ['log-read']
  return [ORDINARY[does], ...more]
}

/**
 * Most paths are written out, and one expression tells of them all. Those with wildcards are compared step by step. A name that may stand in any
 * folder (`**` in front) is not what `*` alone means: every listing of a folder would meet it.
 */
function compiled(paths: readonly string[]): (pattern: string) => boolean {
  const expression = new RegExp(`^(?:${paths.map(placeExpression).join('|')})$`, 's')
  const tests = paths.map(wildTest)
  return (pattern) => (isWild(pattern) ? tests.some((test) => test(pattern)) : expression.test(pattern))
}

function wildTest(place: string): (pattern: string) => boolean {
  const isWhole = overlapping(placePattern(place))
  const fixed = place.split('*', 1)[0] ?? ''
  if (!place.startsWith('**/')) return (pattern) => begins(pattern, fixed) && isWhole(pattern)
  const name = place.slice(3)
  if (name.includes('/')) return (pattern) => !pattern.includes(BELOW) && isWhole(pattern)
  const isBase = overlapping(placePattern(name.replace(/\*$/, '')))
  return (pattern) => {
    const last = pattern.slice(pattern.lastIndexOf('/') + 1)
    return !ONLY_WILD.test(last) && isBase(last)
  }
}

/** Whether a pattern can be about places that begin like that, by what both say before their first wildcard. */
function begins(pattern: string, fixed: string): boolean {
  const wild = pattern.search(FIRST_WILD)
  const head = wild < 0 ? pattern : pattern.slice(0, wild)
  return head.startsWith(fixed) || fixed.startsWith(head)
}

const FIRST_WILD = /[\uE000-\uE003]/
