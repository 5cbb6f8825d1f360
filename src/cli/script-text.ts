import type { z } from 'zod'
import type { ScriptDetail } from '../http/script-schemas.ts'
import { statementLines } from './approval-text.ts'
import { terminalLine } from './terminal.ts'

/** A whole script for a terminal, statement by statement. Never cut: what is approved is what was shown. */
export function scriptText(detail: z.infer<typeof ScriptDetail>, isTty: boolean): string {
  const { person, target, state, reason, ticket, database, shown, statements } = detail
  const head = [
    `${person} on ${target}: a script of ${statements} statements, ${state}`,
    `  reason  ${reason}${ticket === null ? '' : ` (${ticket})`}`,
    ...detail.rules.map(({ rule, message }) => `  ${message} (${rule})`),
    ...(shown === null
      ? [`  ${detail.statement}`]
      : [`  database ${database} as ${shown.account}; schemas ${shown.searchPath.join(', ')}`]),
  ]
  const parts = (shown?.parts ?? []).flatMap((part) => [
    terminalLine(`  statement ${part.number}${part.rules.length === 0 ? '' : `, held by ${part.rules.join(', ')}`}`),
    ...statementLines(part, isTty),
  ])
  const made = detail.decisions.map(
    ({ person: by, kind, reason: why }) => `  ${by}: ${kind}${why === null ? '' : ` - ${why}`}`,
  )
  const end = [...made, `  expires ${detail.expiresAt}`, `  digest  ${detail.digest}`]
  return `${[...head.map(terminalLine), ...parts, ...end.map(terminalLine)].join('\n')}\n`
}
