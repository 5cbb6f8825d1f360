/** Whether a name is one that bash takes as a variable. */
export const isVariableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)

/**
 * Variables that make a program or a shell run something else than the line says: whoever approves the next line would not see it. They work within a line,
 * where they are part of what is judged.
 */
const NEVER: readonly RegExp[] = [
  /^(BASH_ENV|ENV|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|IFS|POSIXLY_CORRECT|PS[0-4]|FUNCNEST|GLOBIGNORE|EXECIGNORE|CDPATH)$/,
  /^LD_/,
  /^(GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|RESOLV_HOST_CONF|GLIBC_TUNABLES|MALLOC_.*|TZDIR)$/,
  /^BASH_/,
]

/** Variables that belong to each shell, connection or terminal by itself. */
const OWN =
  /^(_|PWD|OLDPWD|SHLVL|LINES|COLUMNS|SSH_.*|PPID|U?ID|EUID|UID|GROUPS|RANDOM|SECONDS|BASHPID|DIRSTACK|COMP_.*|HIST.*|SUDO_.*|XDG_SESSION_ID|__cs_.*)$/

/** Whether a variable goes from one line to the next, may never, or is not ours to carry. */
export function passageOf(name: string): 'carried' | 'never' | 'own' {
  if (!isVariableName(name) || OWN.test(name)) return 'own'
  return NEVER.some((shape) => shape.test(name)) ? 'never' : 'carried'
}
