import { acts, each, tells, type Programs } from './row.ts'

/** People, keys, plans for later, and work that outlives the session. */
export const ACCOUNTS: Programs = {
  ...each(
    'useradd adduser userdel deluser usermod groupadd addgroup groupdel delgroup groupmod gpasswd newusers pwconv pwunconv grpconv grpunconv chage chfn chsh faillock pam_tally2 pam-auth-update authselect authconfig realm',
    acts(['account']),
  ),
  ...each('passwd chpasswd smbpasswd htpasswd htdigest kpasswd ldappasswd', acts(['account', 'key'])),
  ...each(
    'ldapadd ldapmodify ldapdelete ldapsearch kadmin kadmin.local ipa samba-tool net',
    acts(['account', 'remote']),
  ),
  ...each('vipw vigr', acts(['account', 'shell'])),
  newgrp: acts(['privilege', 'shell']),
  sg: acts(['privilege', 'code']),
  ...each('login rlogin rsh rexec', acts(['privilege', 'shell', 'remote'])),
  pkexec: acts(['privilege'], {
    wraps: { alone: ['privilege', 'shell'], adds: ['privilege'], account: '--user', otherwise: 'root' },
  }),

  ...each(
    'ssh-keygen',
    acts(['key', 'file-write'], {
      options: { '-D': { value: 'code', adds: ['code'] }, '-l -L -F': {} },
      takes: '-f -t -b -C -N -P -m -s -I -n -V -O -z -Z -a -r',
    }),
  ),
  ...each(
    'ssh-add ssh-agent ssh-keyscan ssh-pkcs11-helper gpg gpg2 gpg-agent gpgconf gpgsm age age-keygen pass keytool certutil certbot acme.sh easyrsa step minisign signify kinit klist kdestroy update-ca-certificates pk12util p11tool pkcs11-tool sops ',
    acts(['key', 'file-write']),
  ),

  crontab: {
    effects: ['schedule'],
    options: { '-l': {}, '-e': { adds: ['shell'] }, '-r -i': { adds: ['file-delete'] } },
    takes: '-u',
    operands: ['read'],
  },
  ...each('at batch', acts(['schedule', 'code', 'detached'], { readsCode: true })),
  atq: tells(),
  ...each('atrm anacron run-parts fcrontab', acts(['schedule', 'code'])),
  // Unlike its kin it takes a command line of its own, which then runs outside of the session.
  'systemd-run': {
    effects: ['service', 'detached', 'schedule'],
    takes:
      '-p -u -M -H -G --unit --property --slice --description --on-active --on-calendar --on-boot --uid --gid --nice --setenv -E',
    options: { '-t -S --pty --shell': { adds: ['shell'] }, '--uid --gid': { value: 'text', adds: ['privilege'] } },
    wraps: { alone: ['service', 'shell'], adds: ['service', 'detached', 'schedule'], account: '--uid' },
  },
  ...each('tmux screen byobu zellij abduco dtach dvtm tmate ttyd gotty wetty shellinabox', acts(['detached', 'shell'])),
  ...each('daemonize start-stop-daemon daemon pm2 forever supervisord circusd', acts(['detached', 'code', 'service'])),
}
