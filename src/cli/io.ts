/** What a command has of the world. `out` and `err` write text as it is, line ends included. */
export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Both ends are a person's terminal: questions can be asked and colours are read. */
  readonly isTty: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Asks a person; `hidden` shows nothing of what is typed. Absent without a terminal. */
  readonly ask?: (question: string, options: { readonly hidden: boolean }) => Promise<string>
}

/** 0 done, 1 refused or invalid, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2

/** Every command: what follows its name, and the world. */
export type Run = (argv: readonly string[], io: Io) => Promise<number>
