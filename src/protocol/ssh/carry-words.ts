/** What is said of a line whose effect people expect to last, and that does not. */
interface LastingRule {
  readonly shape: RegExp
  readonly words: string
}

const RULES: readonly LastingRule[] = [
  {
    shape: /^\s*(?:un)?alias\b/,
    words: 'Aliases are not kept: what is approved is the text that runs, and an alias would change it.',
  },
  {
    shape: /^\s*(?:function\s+[\w.:-]+|[\w.:-]+\s*\(\s*\))[^]*\}\s*$/,
    words: 'Functions last for one line: define and use it in the same one.',
  },
  {
    shape: /^\s*(?:set|shopt)\s+[-+][^;&|\n]*$/,
    words: 'Shell options last for one line: set them in the line that needs them.',
  },
  {
    shape: /^\s*ulimit\s[^;&|\n]*\d[^;&|\n]*$/,
    words: 'Limits last for one line: set them in the line that needs them.',
  },
  {
    shape: /^\s*trap\s(?:'[^']*'|"[^"]*"|[^;&|\n'"])*$/,
    words: 'Traps last for one line: set them in the line that needs them.',
  },
  {
    shape: /^\s*(?:fg|bg|jobs|disown|wait)\b/,
    words: 'There are no jobs from one line to the next: each line is a shell of its own.',
  },
  {
    shape:
      /^\s*[A-Za-z_]\w*\+?=(?:'[^']*'|"[^"]*"|[^\s;&|<>()'"])*(?:\s+[A-Za-z_]\w*\+?=(?:'[^']*'|"[^"]*"|[^\s;&|<>()'"])*)*\s*$/,
    words: 'Variables last for one line unless they are exported: use export NAME=value.',
  },
  {
    shape: /^\s*(?:!!|!\S+|\^[^^]*\^)/,
    words: 'Lines are not called back with ! or ^: what runs is what is typed. Use the arrow keys or Ctrl-R.',
  },
  {
    shape: /^\s*exec\b/,
    words: 'exec takes the place of the shell of this one line.',
  },
]

/** Words for the person after a line, where part of what it does ends with it; undefined for most lines. */
export const lastingWords = (line: string): string | undefined => RULES.find(({ shape }) => shape.test(line))?.words

/** What the prompt itself does with a line, without the target. */
export type OwnLine = { readonly kind: 'leave'; readonly status: number | undefined } | { readonly kind: 'history' }

/** Lines that are about the prompt and not about the target: leaving it, and what was typed. */
export function ownLine(line: string): OwnLine | undefined {
  const leave = /^\s*(?:exit|logout)(?:\s+(\d{1,3}))?\s*;?\s*$/.exec(line)
  if (leave !== null) return { kind: 'leave', status: leave[1] === undefined ? undefined : Number(leave[1]) & 255 }
  return /^\s*history\s*$/.test(line) ? { kind: 'history' } : undefined
}
