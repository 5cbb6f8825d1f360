/** Words in the name of a variable or option whose value is a secret. */
const SECRET_NAME =
  /(^|[-_.])(pass|passwd|password|passphrase|pwd|secret|secrets|token|apikey|api[-_]?key|auth|authorization|credential|credentials|private[-_]?key|access[-_]?key|secret[-_]?key|bearer|cookie|session[-_]?id|pin|otp|totp|cvv|cvc)($|[-_.])/i

/** The same inside a name in one piece: `dbPassword`, `MYSQLPWD`. */
const SECRET_PIECE = /pass(word|wd|phrase)|pwd$|secret|token|apikey|credential/i

/** Names that sound like a secret and hold none, or a path to one. */
const HARMLESS_NAME =
  /^(PWD|OLDPWD|SSH_AUTH_SOCK|.*[-_](file|path|dir|url|fd|askpass|prompt)|pass-?prompt|no-?auth|auth-?type|token-?type)$/i

/** Whether the value of a variable or option of this name is withheld. Leading dashes do not count. */
export function isSecretName(name: string): boolean {
  const bare = name.replace(/^-+/, '')
  return !HARMLESS_NAME.test(bare) && (SECRET_NAME.test(bare) || SECRET_PIECE.test(bare))
}

/** How a program takes a secret whose option's name does not say so. */
interface SecretOptions {
  /** The value stands in the next word. */
  readonly next?: readonly string[]
  /** The value stands in the same word, behind the letter. */
  readonly glued?: readonly string[]
  /** The last word is one. */
  readonly last?: true
}

const MYSQL: SecretOptions = { glued: ['-p'] }
const USER_AND_PASSWORD: SecretOptions = { next: ['-u', '--user', '-U', '--proxy-user'], glued: ['-u', '-U'] }

/** By program. */
export const SECRET_OPTIONS: Readonly<Record<string, SecretOptions>> = {
  mysql: MYSQL,
  mariadb: MYSQL,
  mysqldump: MYSQL,
  'mariadb-dump': MYSQL,
  mysqladmin: MYSQL,
  'mariadb-admin': MYSQL,
  mysqlimport: MYSQL,
  mysqlcheck: MYSQL,
  mysqlshow: MYSQL,
  mycli: { next: ['-p'], glued: ['-p'] },
  sshpass: { next: ['-p'], glued: ['-p'] },
  'redis-cli': { next: ['-a', '--pass'], glued: [] },
  'valkey-cli': { next: ['-a', '--pass'], glued: [] },
  mongo: { next: ['-p'], glued: ['-p'] },
  mongosh: { next: ['-p'], glued: ['-p'] },
  mongodump: { next: ['-p'], glued: ['-p'] },
  mongorestore: { next: ['-p'], glued: ['-p'] },
  sqlcmd: { next: ['-P'], glued: ['-P'] },
  sqlplus: { last: true },
  curl: USER_AND_PASSWORD,
  wget: {},
  http: { next: ['-a', '--auth'], glued: [] },
  https: { next: ['-a', '--auth'], glued: [] },
  ldapsearch: { next: ['-w'], glued: ['-w'] },
  ldapadd: { next: ['-w'], glued: ['-w'] },
  ldapmodify: { next: ['-w'], glued: ['-w'] },
  smbclient: { next: ['-U'], glued: ['-U'] },
  zip: { next: ['-P'], glued: ['-P'] },
  unzip: { next: ['-P'], glued: ['-P'] },
  '7z': { glued: ['-p'] },
  '7za': { glued: ['-p'] },
  rar: { glued: ['-p', '-hp'] },
  'ssh-keygen': { next: ['-N', '-P'] },
  openssl: { next: ['-pass', '-passin', '-passout', '-k', '-K', '-hmac'] },
  htpasswd: { last: true },
  docker: { next: ['-p'] },
  podman: { next: ['-p'] },
  useradd: { next: ['-p'], glued: ['-p'] },
  usermod: { next: ['-p'], glued: ['-p'] },
  cryptsetup: {},
}
