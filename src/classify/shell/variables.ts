/** Variables that change nothing but how things look. Only these may be exported, or given to a command, without a second look. */
const HARMLESS =
  /^(LANGUAGE|TZ|COLUMNS|LINES|NO_COLOR|CLICOLOR|CLICOLOR_FORCE|FORCE_COLOR|LS_COLORS|TIMEFORMAT|BLOCKSIZE|BLOCK_SIZE|TIME_STYLE|QUOTING_STYLE|DEBIAN_FRONTEND|GIT_PAGER_IN_USE|COLORTERM)$/

/** Language and character set. */
const LOCALE = /^(LANG|LC_[A-Z]+)$/
/** Sets in which a byte of ASCII is never part of another character. In the others a backslash or a quote may be swallowed, and the line is another one. */
const PLAIN_SET = /^(utf-?8|us-?ascii|ansi_x3\.4-1968|iso-?8859-?\d{1,2}|koi8-?[ru]|cp125\d)$/i
/** Languages whose locales without a named set have one of the others. */
const OTHER_SETS = /^(zh|ja|ko|th|chinese|japanese|korean|thai)/i

function isPlainLocale(value: string | undefined): boolean {
  if (value === undefined || !/^[\w.@-]*$/.test(value)) return false
  const set = /\.([^@]*)/.exec(value)?.[1]
  return set === undefined ? !OTHER_SETS.test(value) : PLAIN_SET.test(set)
}

/** Variables by which the shell, or programs that it starts, run something else than the line says. */
const STEERING =
  /^(LD_.*|DYLD_.*|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_.*|GLIBC_TUNABLES|PATH|IFS|CDPATH|ENV|BASH.*|SHELLOPTS|BASHOPTS|PS\d|PROMPT_.*|HIST.*|histchars|FCEDIT|INPUTRC|HOME|SHELL|EXECIGNORE|GLOBIGNORE|FIGNORE|POSIXLY_CORRECT|EDITOR|VISUAL|.*PAGER.*|.*EDITOR|LESS.*|MAN.*|BROWSER|GIT_.*|PERL.*|PYTHON.*|RUBY.*|GEM_.*|NODE_.*|NPM_.*|npm_.*|JAVA.*|_JAVA.*|JDK_.*|CLASSPATH|LUA_.*|TCL.*|GUILE.*|PHP.*|AWK.*|GAWK.*|SSH_ASKPASS.*|SUDO_.*|SYSTEMD_.*|RSYNC_.*|TAR_OPTIONS|TAPE|GREP_OPTIONS|ZIPOPT|UNZIP.*|WGETRC|CURL_.*|.*_PROXY|.*_proxy|OPENSSL_.*|SSL.*|GNUPGHOME|KRB5.*|PG.*|MYSQL.*|DOCKER_.*|KUBE.*|ANSIBLE_.*|VIM.*|EXINIT|MYVIMRC|NANO.*|TMUX.*|SCREEN.*|TERMINFO.*|TERMCAP|TMPDIR|XDG_.*|LIBPATH|QT_.*|GTK_.*|GIO_.*|DBUS_.*|DISPLAY|XAUTHORITY|MAKEFLAGS|MAKEFILES|CC|CXX|LDFLAGS|CFLAGS|SORT_.*|COREUTILS_.*)$/

/** What says something of the login or of the terminal, or is looked at by its value. */
const LOGIN =
  /^(PATH|SSH_(CLIENT|CONNECTION|TTY)|XDG_(RUNTIME_DIR|SESSION_.*)|LESSSECURE|SYSTEMD_PAGERSECURE|HIST.*|JAVA_HOME)$/

const SYSTEM_FOLDERS = /^\/(usr\/(local\/)?)?s?bin$|^\/usr\/(local\/)?games$|^\/snap\/bin$|^\/opt\/[\w.-]+\/bin$/

/**
 * Whether giving this variable to a program, or exporting it, can change what the program does. Names that nobody knows can. `value` is undefined
 * where it is known only at run time.
 */
export function steersPrograms(name: string, value: string | undefined): boolean {
  if (PAGER_ENVIRONMENT.has(name)) return !isOn(value)
  if (/^(GIT_|MAN|SYSTEMD_)?PAGER$/.test(name)) return value !== 'cat'
  if (LOCALE.test(name)) return !isPlainLocale(value)
  return !HARMLESS.test(name)
}

/** Whether a variable of the shell alone changes how the line runs. Names of one's own do not. */
export const steersShell = (name: string, value?: string): boolean =>
  STEERING.test(name) || (LOCALE.test(name) && !isPlainLocale(value))

/** A variable that is in the environment already, and by which this line would run something else than it says. */
export function steersAlready(name: string, value: string): boolean {
  if (name.startsWith('BASH_FUNC_') || value.startsWith('() {')) return true
  if (name === 'PATH') return !value.split(':').every((folder) => SYSTEM_FOLDERS.test(folder))
  if (LOCALE.test(name)) return !isPlainLocale(value)
  return STEERING.test(name) && !LOGIN.test(name)
}

/** Values with which pagers run no programs. */
export const isOn = (value: string | undefined): boolean => value !== undefined && /^(1|true|yes|on)$/i.test(value)

/**
 * Variables that a prompt of ours sets for every line, so that `less`, and whatever pages through it, opens no shell: manuals and logs can then
 * be read on a terminal without a second person.
 */
export const PAGER_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['LESSSECURE', '1'],
  ['SYSTEMD_PAGERSECURE', '1'],
])
