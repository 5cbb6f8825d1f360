/** What one line leaves behind for the next. */
export interface Carried {
  /** Absolute; undefined is the account's own first directory. */
  readonly directory: string | undefined
  /** Where `cd -` leads. */
  readonly previous: string | undefined
  /** Below the directory on the stack of pushd and popd, nearest first. */
  readonly stack: readonly string[]
  /** Exported variables that are not as a fresh shell of this account has them. */
  readonly environment: ReadonlyMap<string, string>
  /** Variables of a fresh shell that are gone. */
  readonly unset: readonly string[]
  /** Octal, as `umask` prints it; undefined is the account's own. */
  readonly umask: string | undefined
  /** What `$?` is at the beginning. */
  readonly status: number
}

export const NOTHING_CARRIED: Carried = {
  directory: undefined,
  previous: undefined,
  stack: [],
  environment: new Map(),
  unset: [],
  umask: undefined,
  status: 0,
}

/** Where a line reports to, and under which number. */
export interface ReportTo {
  /** Path of the fifo on the target. */
  readonly fifo: string
  /** Number of the line: what an earlier line says late is told apart by it. */
  readonly turn: number
}

/** Longest command that a program on Linux can be given as one argument is 128 KiB (MAX_ARG_STRLEN); some is left for what wraps it. */
export const MAX_SENT = 120_000

/**
 * The text that runs one line in bash: from where the line before has left directory, variables, umask and status, and with a report of what it leaves behind
 * itself. The line stands in it as one quoted argument of `eval`, so that nothing in it can end up outside of it.
 */
export function wrapped(line: string, carried: Carried, { fifo, turn }: ReportTo): string {
  const missing = `{ builtin printf 'missing ${turn}\\0' 1<>${quoted(fifo)}; builtin exit 126; }`
  const end = `{ __cs_end "$?" ${turn} ${quoted(fifo)}; } 2>/dev/null`
  return [
    REPORTER,
    ...entering(carried, missing),
    `builtin trap ${quoted(end)} EXIT`,
    ...(carried.status === 0 ? [] : [`(builtin exit ${carried.status})`]),
    // Both on one line: bash has read the second before the first can ask it to show what it reads (set -v).
    `builtin eval -- ${quoted(line)}; ${end}`,
  ].join('\n')
}

/** The text that asks something in the same place, without a report. */
export function asked(line: string, carried: Carried): string {
  return [...entering(carried, 'builtin exit 126'), `builtin eval -- ${quoted(line)}`].join('\n')
}

/** Tells bash from any other shell that could be somebody's login shell: they all understand this line. */
export const PROBE = 'echo "bash=$BASH_VERSION"'

/** Whether the answer to the probe is that of a bash which can do what is asked of it here (4.0 and later). */
export function isBash(answer: string): boolean {
  const version = /^bash=(\d{1,3})\.\d/m.exec(answer)
  return version !== null && Number(version[1]) >= 4
}

/** Single quotes take every byte but a single quote as it is; no NUL may be in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Brings a fresh shell to where the line before has left off; `otherwise` runs where the directory is gone. */
function entering({ directory, previous, stack, environment, unset, umask }: Carried, otherwise: string): string[] {
  return [
    '__cs_term=${TERM-}',
    ...(directory === undefined ? [] : [`builtin cd -- ${quoted(directory)} >/dev/null 2>&1 || ${otherwise}`]),
    ...(previous === undefined ? [] : [`OLDPWD=${quoted(previous)}`]),
    ...stack.toReversed().map((entry) => `builtin pushd -n ${quoted(entry)} >/dev/null`),
    ...(unset.length === 0 ? [] : [`builtin unset -v ${unset.join(' ')}`]),
    ...Array.from(environment, ([name, value]) => `builtin export ${name}=${quoted(value)}`),
    ...(umask === undefined ? [] : [`builtin umask ${umask}`]),
  ]
}

/** Largest report: it must fit into a pipe without a reader (64 KiB on Linux), so that no line ever waits for us. */
const MAX_REPORT = 60_000

/**
 * Tells what a line has left behind: fields that end in NUL, between `begin` and `end` with the number of the line. Made of builtins alone, since the line may
 * have left a PATH that leads nowhere, and without regard to options that it may have set. It speaks once. The directory is told by its real name: by a link's
 * name the next line would be judged in another place than it runs in.
 */
const REPORTER = `__cs_end() {
{ builtin set +xveuf; } 2>/dev/null
[[ -n \${__cs_told-} ]] && builtin return "$1"
__cs_told=1
builtin local __cs_n __cs_v __cs_names __cs_size __cs_previous=\${OLDPWD-}
builtin cd -P ./ >/dev/null 2>&1
builtin mapfile -t __cs_names < <(builtin compgen -e)
__cs_size=$(LC_ALL=C; n=0; for __cs_n in "\${__cs_names[@]}"; do __cs_v=\${!__cs_n}; n=$((n + \${#__cs_n} + \${#__cs_v} + 9)); done; builtin printf %s $n)
[[ -p $3 ]] && {
builtin printf 'begin %s\\0status %s\\0umask %s\\0term %s\\0' "$2" "$1" "$(builtin umask)" "$__cs_term"
builtin printf 'directory %s\\0' "\${PWD-}"
[[ -n $__cs_previous ]] && builtin printf 'previous %s\\0' "$__cs_previous"
(( \${#DIRSTACK[@]} > 1 )) && builtin printf 'stack %s\\0' "\${DIRSTACK[@]:1}"
if (( __cs_size > ${MAX_REPORT} )); then builtin printf 'large\\0'
else for __cs_n in "\${__cs_names[@]}"; do [[ -n \${!__cs_n+x} ]] && builtin printf 'export %s=%s\\0' "$__cs_n" "\${!__cs_n}"; done; fi
builtin printf 'end %s\\0' "$2"
} 1<>"$3"
builtin return "$1"
}`

/**
 * The text that listens for reports: a fifo in a folder of its own that nobody else may enter, and whatever comes out of it on standard output, until standard
 * input ends. First come the path of the fifo, and the report of a fresh shell under number 0.
 */
export const LISTENER = `${REPORTER}
__cs_term=
__cs_d=$(mktemp -d) || exit 1
trap 'rm -rf -- "$__cs_d"' EXIT
trap 'exit 1' HUP INT TERM
chmod 700 -- "$__cs_d" && mkfifo -m 600 -- "$__cs_d/report" || exit 1
exec 3<>"$__cs_d/report"
printf 'fifo %s\\0' "$__cs_d/report"
cat <&3 &
__cs_p=$!
__cs_end 0 0 "$__cs_d/report"
cat >/dev/null
kill "$__cs_p"`
