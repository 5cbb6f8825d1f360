/* What the prompt says by itself; refusals and holds are said as everywhere else. */

export const LOST = 'the target closed the connection before the line had ended'
export const NO_BASH =
  'the login shell of this account is not bash 4 or later: lines could not be judged as it would read them, so there is no prompt here. Single commands work: ssh HOST COMMAND'
export const NO_CARRIER = 'the target does not say what a line leaves behind, so there is no prompt here'
export const TOO_LONG = 'not run: the line is too long together with the variables that it starts with'

/** Longest directory that the prompt shows whole. */
const MAX_SHOWN = 40

/** `alice@web-1:~/dir$ `: text, whatever the directory is called. */
export function promptText(
  { person, target }: { readonly person: string; readonly target: string },
  { home, carried }: { readonly home: string; readonly carried: { readonly directory: string | undefined } },
): string {
  const directory = carried.directory ?? home
  const isBelow = home !== '/' && directory.startsWith(`${home}/`)
  const short = directory === home ? '~' : isBelow ? `~${directory.slice(home.length)}` : directory
  const shown = Array.from(short.replaceAll('\n', '\\n'))
  const end = shown.length > MAX_SHOWN ? `…${shown.slice(-MAX_SHOWN).join('')}` : shown.join('')
  return `${person}@${target}:${end}$ `
}
