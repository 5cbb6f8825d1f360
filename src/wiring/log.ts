import { pino } from 'pino'
import { scrub } from '../mask/scrub.ts'

/** The operator's log, as far as wiring uses it. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** JSON lines on standard output or in a file. The last net hangs here too: a card number in a line is cut down to BIN and last four. */
export function createLog(options: { readonly level: string; readonly file?: string }): Log {
  const destination = pino.destination({ dest: options.file ?? 1, sync: true })
  return pino(
    { level: options.level, base: null, redact: ['password', 'secret', 'token', '*.password', '*.secret', '*.token'] },
    {
      write: (line: string) => destination.write(escaped(scrub(line))),
    },
  )
}

/** JSON leaves these as they are: terminals obey the ones from U+0080 on, and some readers of lines break at the separators. */
const escaped = (line: string): string =>
  line.replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
