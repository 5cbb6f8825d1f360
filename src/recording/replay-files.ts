import type { StoredEvent } from './stored.ts'
import { visible } from './visible.ts'

type Shown<Kind extends StoredEvent['kind']> = Extract<StoredEvent, { kind: Kind }>
type Transfer = NonNullable<Shown<'ssh.file'>['read']>

/** One file operation as a line for people; every name is made visible. */
export function fileLine({ by, operation, path, to, end, status, read, written }: Shown<'ssh.file'>): string {
  const what = `${by} ${operation} ${path}${to === null ? '' : ` -> ${to}`}`
  const moved = [
    ...(read === null ? [] : [transferText('downloaded', read)]),
    ...(written === null ? [] : [transferText('uploaded', written)]),
  ]
  const outcome = end === 'done' ? moved : [...moved, `${end}${status === null ? '' : ` (${status})`}`]
  return visible(`   ${[what, ...outcome].join(', ')}`)
}

function transferText(verb: string, { bytes, sha256, whole, pans }: Transfer): string {
  const found = pans === 0 ? '' : `, ${pans} card number(s) in it`
  return `${verb} ${bytes} bytes${whole ? '' : ' of it'}, SHA-256 ${sha256 ?? 'unknown: not in order'}${found}`
}

/** One step of a forward as a line for people. */
export function forwardLine(event: Shown<'ssh.forward'>): string {
  const { direction, state, host, port, from, bytesIn, bytesOut, reason } = event
  const where = `${direction} forward ${host}:${port}${from === null ? '' : ` from ${from}`}`
  const counts = state === 'ended' ? `, ${bytesIn} bytes from the target, ${bytesOut} to it` : ''
  return visible(`   ${where} ${state}${counts}${reason === null ? '' : ` (${reason})`}`)
}
